import type { Kysely } from "kysely";

export const oldestProgram = 1;

/**
 * What an account's owner replaced in the last days: so that a thief's change can be undone by the mail about the
 * thief's log-in. Purged after seven days; goes with the account.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("address_changes")
    .addColumn("user_id", "bigint", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("field", "varchar(10)", (column) => column.notNull())
    .addColumn("changed_at", "bigint", (column) => column.notNull())
    .addColumn("value_before", "varchar(254)")
    .addColumn("verified_before", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("address_changes_primary_key", ["user_id", "field", "changed_at"])
    .execute();
  await db.schema
    .createIndex("address_changes_time_index")
    .on("address_changes")
    .column("changed_at")
    .execute();
}
