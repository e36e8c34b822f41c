import type { Kysely } from "kysely";

export const oldestProgram = 1;

/**
 * Devices on which a second factor was given, and is not asked for again for a while. Of the cookie's secret only a hash is
 * kept. Purged when their time is over; they go with the account.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("remembered_devices")
    .addColumn("id", "varchar(22)", (column) => column.primaryKey().notNull())
    .addColumn("user_id", "bigint", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("secret_hash", "varchar(43)", (column) => column.notNull())
    .addColumn("credentials_version", "integer", (column) => column.notNull())
    .addColumn("browser", "varchar(100)", (column) => column.notNull())
    .addColumn("network", "varchar(45)", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("last_used_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("remembered_devices_secret_index")
    .unique()
    .on("remembered_devices")
    .columns(["user_id", "secret_hash"])
    .execute();
  await db.schema
    .createIndex("remembered_devices_hash_index")
    .on("remembered_devices")
    .column("secret_hash")
    .execute();
  await db.schema
    .createIndex("remembered_devices_created_index")
    .on("remembered_devices")
    .column("created_at")
    .execute();
}
