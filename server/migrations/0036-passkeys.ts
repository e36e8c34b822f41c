import type { Kysely } from "kysely";

/** A program from before it knows no passkeys, and everybody still has another way in. */
export const oldestProgram = 1;

/**
 * Passkeys of accounts (W3C Web Authentication, Level 3). `passkey_handles` has what devices call an account instead of its id
 * or address; it is never another's, and stays when the last passkey goes. Keys are text, because moves and backups know texts
 * and whole numbers.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("passkey_handles")
    .addColumn("user_id", "bigint", (column) =>
      column.primaryKey().notNull().references("users.id").onDelete("cascade"),
    )
    // 32 random bytes, base64url.
    .addColumn("handle", "varchar(43)", (column) => column.notNull().unique())
    .execute();
  await db.schema
    .createTable("passkeys")
    .addColumn("id", "varchar(22)", (column) => column.primaryKey().notNull())
    .addColumn("user_id", "bigint", (column) => column.notNull().references("users.id").onDelete("cascade"))
    // At most 1023 bytes, base64url.
    .addColumn("credential_id", "varchar(1364)", (column) => column.notNull().unique())
    // COSE, base64url.
    .addColumn("public_key", "text", (column) => column.notNull())
    .addColumn("counter", "bigint", (column) => column.notNull())
    // As the browser named them, with commas; a hint for its dialogue.
    .addColumn("transports", "varchar(100)", (column) => column.notNull())
    .addColumn("device_type", "varchar(20)", (column) => column.notNull())
    .addColumn("backed_up", "integer", (column) => column.notNull())
    // The make of the device as it says itself: a label and no proof.
    .addColumn("aaguid", "varchar(36)", (column) => column.notNull())
    .addColumn("name", "varchar(64)", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("last_used_at", "bigint")
    .execute();
  await db.schema.createIndex("passkeys_user_id_index").on("passkeys").column("user_id").execute();
}
