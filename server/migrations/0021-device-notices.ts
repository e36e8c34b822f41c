import type { Kysely } from "kysely";

export const oldestProgram = 1;

/**
 * Browsers and systems, as digests, that an account was logged in to from: its owner is told of each once. Purged when
 * not seen for 180 days; goes with the account.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("device_notices")
    .addColumn("user_id", "bigint", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("device_key", "varchar(22)", (column) => column.notNull())
    // Random: tells who wrote the row first.
    .addColumn("mark", "varchar(22)", (column) => column.notNull())
    .addColumn("last_seen_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("device_notices_primary_key", ["user_id", "device_key"])
    .execute();
  await db.schema
    .createIndex("device_notices_last_seen_index")
    .on("device_notices")
    .column("last_seen_at")
    .execute();
}
