import { type Kysely, sql } from "kysely";

/** A program from before it lets an account in whose deletion waits, and that log-in cancels nothing. */
export const oldestProgram = 1;

/**
 * What people's rights over their data need: when an account is to be erased, what they asked to have handed out, what is left
 * of those who are gone (their ids, and digests of their names for a while).
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // From when on the account is erased; null where nobody asked for it.
  await db.schema.alterTable("users").addColumn("deletion_due_at", "bigint").execute();
  await sql`create index users_deletion_index on users (deletion_due_at) where deletion_due_at is not null`.execute(
    db,
  );
  await db.schema
    .createTable("data_exports")
    .addColumn("id", "varchar(22)", (column) => column.primaryKey().notNull())
    .addColumn("user_id", "bigint", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("language", "varchar(35)", (column) => column.notNull())
    .addColumn("asked_at", "bigint", (column) => column.notNull())
    .addColumn("ready_at", "bigint")
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addColumn("bytes", "integer")
    // Encrypted; null until it is ready.
    .addColumn("sealed", "text")
    .execute();
  await db.schema
    .createIndex("data_exports_user_index")
    .on("data_exports")
    .columns(["user_id", "asked_at"])
    .execute();
  await db.schema.createIndex("data_exports_expiry_index").on("data_exports").column("expires_at").execute();
  await db.schema
    .createTable("erased_names")
    // A keyed digest: who reads it learns no name.
    .addColumn("digest", "varchar(43)", (column) => column.primaryKey().notNull())
    .addColumn("given_up_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("erased_names_time_index").on("erased_names").column("given_up_at").execute();
  await db.schema
    .createTable("deleted_accounts")
    .addColumn("user_id", "bigint", (column) => column.primaryKey().notNull())
    .addColumn("deleted_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("deleted_accounts_time_index")
    .on("deleted_accounts")
    .column("deleted_at")
    .execute();
}
