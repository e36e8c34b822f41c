import { type Kysely, sql } from "kysely";

/** A program from before it shows the picture of a third party in place of the owner's, and removes none that is due. */
export const oldestProgram = 1;

/**
 * Pictures of people: which the account shows (`users.avatar`), a row for each that lies in a store, and the store that is the
 * database. A row outlives its account until the picture is gone from the store.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Its name; empty where the owner wants none, null where they chose nothing.
  await db.schema.alterTable("users").addColumn("avatar", "varchar(22)").execute();
  await db.schema
    .createTable("avatars")
    .addColumn("name", "varchar(22)", (column) => column.primaryKey().notNull())
    .addColumn("user_id", "bigint", (column) => column.references("users.id").onDelete("set null"))
    .addColumn("store", "varchar(10)", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    // From when on it is removed; null while the account shows it.
    .addColumn("due_at", "bigint")
    .execute();
  await sql`create index avatars_due_index on avatars (due_at) where due_at is not null`.execute(db);
  // By which an erasure finds them; those without an account are removed.
  await db.schema.createIndex("avatars_user_index").on("avatars").column("user_id").execute();
  await db.schema
    .createTable("avatar_files")
    .addColumn("name", "varchar(22)", (column) =>
      column.primaryKey().notNull().references("avatars.name").onDelete("cascade"),
    )
    // Base64: both engines and the data mover have text.
    .addColumn("content", "text", (column) => column.notNull())
    .execute();
}
