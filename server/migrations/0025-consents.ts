import type { Kysely } from "kysely";

/** A program from before it records no agreement: what its new accounts agreed to is due again. */
export const oldestProgram = 1;

/** Which version of which terms a person agreed to, and when. Goes with the account. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("consents")
    .addColumn("user_id", "bigint", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("document", "varchar(20)", (column) => column.notNull())
    .addColumn("version", "varchar(50)", (column) => column.notNull())
    .addColumn("agreed_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("consents_primary_key", ["user_id", "document", "version"])
    .execute();
}
