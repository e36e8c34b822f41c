import { type Kysely, sql } from "kysely";

/** A program from before it tells nobody of a lost factor's removal being asked for, and removes none. */
export const oldestProgram = 1;

/**
 * Requests of people who lost their second factor, to have it removed after a delay: one open at a time for each account. Rows
 * live for ninety days, and go with the account.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("users")
    // When the password was last made by somebody who did not give the one before.
    .addColumn("password_reset_at", "bigint")
    .execute();
  await db.schema
    .createTable("lost_factors")
    .addColumn("id", "varchar(22)", (column) => column.primaryKey().notNull())
    .addColumn("user_id", "bigint", (column) => column.notNull().references("users.id").onDelete("cascade"))
    // Under which it was asked for: others make it worthless.
    .addColumn("credentials_version", "integer", (column) => column.notNull())
    .addColumn("asked_at", "bigint", (column) => column.notNull())
    .addColumn("ripe_at", "bigint", (column) => column.notNull())
    .addColumn("lapses_at", "bigint", (column) => column.notNull())
    // Whether a device asked that the account knew.
    .addColumn("known_device", "integer", (column) => column.notNull())
    .addColumn("ended_at", "bigint")
    // `cancelled`, `done` or `expired`, and what cancelled it.
    .addColumn("ended", "varchar(10)")
    .addColumn("cancelled_by", "varchar(20)")
    .execute();
  await sql`create unique index lost_factors_open_index on lost_factors (user_id) where ended_at is null`.execute(
    db,
  );
  await db.schema
    .createIndex("lost_factors_user_index")
    .on("lost_factors")
    .columns(["user_id", "asked_at"])
    .execute();
  await db.schema.createIndex("lost_factors_time_index").on("lost_factors").column("asked_at").execute();
}
