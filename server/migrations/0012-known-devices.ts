import type { Kysely } from "kysely";

export const oldestProgram = 1;

/**
 * The devices that logged in to an account before, as digests. A device is known only while the account has the
 * credentials version it was noted under. Purged when not seen for 180 days; goes with the account.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("known_devices")
    .addColumn("user_id", "bigint", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("device_key", "varchar(22)", (column) => column.notNull())
    .addColumn("credentials_version", "integer", (column) => column.notNull())
    .addColumn("first_seen_at", "bigint", (column) => column.notNull())
    .addColumn("last_seen_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("known_devices_primary_key", ["user_id", "device_key"])
    .execute();
  await db.schema
    .createIndex("known_devices_last_seen_index")
    .on("known_devices")
    .column("last_seen_at")
    .execute();
}
