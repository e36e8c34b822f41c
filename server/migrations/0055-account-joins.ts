import type { Kysely } from "kysely";

/** A program from before it joins nothing, and leaves the table alone. */
export const oldestProgram = 1;

/**
 * Which account went into which. An account goes into one other, once. Rows live for a year, as those of `deleted_accounts` do, and
 * go with the account that stayed.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("account_joins")
    // No reference: the account is gone.
    .addColumn("joined_id", "bigint", (column) => column.primaryKey().notNull())
    .addColumn("user_id", "bigint", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("at", "bigint", (column) => column.notNull())
    // `owner` or `operator`.
    .addColumn("joined_by", "varchar(10)", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("account_joins_user_index")
    .on("account_joins")
    .columns(["user_id", "at"])
    .execute();
  await db.schema.createIndex("account_joins_time_index").on("account_joins").column("at").execute();
}
