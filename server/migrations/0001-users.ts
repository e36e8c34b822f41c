import { type Kysely, sql } from "kysely";

export const oldestProgram = 1;

/** Accounts, the one namespace of log-in names, and the ids of used verification codes. */
export async function up(db: Kysely<unknown>, engine: "sqlite" | "postgres"): Promise<void> {
  await db.schema
    .createTable("users")
    .addColumn("id", engine === "sqlite" ? "integer" : "bigint", (column) =>
      engine === "sqlite"
        ? column.primaryKey().autoIncrement()
        : column.primaryKey().generatedByDefaultAsIdentity(),
    )
    .addColumn("username", "varchar(150)", (column) => column.notNull())
    .addColumn("email", "varchar(254)")
    .addColumn("mobile", "varchar(11)")
    .addColumn("first_name", "varchar(150)", (column) => column.notNull().defaultTo(""))
    .addColumn("last_name", "varchar(150)", (column) => column.notNull().defaultTo(""))
    .addColumn("password_hash", "varchar(255)", (column) => column.notNull())
    .addColumn("password_trimmed", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("is_active", "integer", (column) => column.notNull().defaultTo(1))
    .addColumn("is_staff", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("is_superuser", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("email_verified", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("credentials_version", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("credentials_changed_at", "bigint")
    .addColumn("last_login_at", "bigint")
    .addColumn("joined_at", "bigint", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .execute();
  // For the staff list's search and the importer's report; uniqueness lives in login_names.
  await db.schema.createIndex("users_email_index").on("users").column("email").execute();

  await db.schema
    .createTable("login_names")
    .addColumn("name_key", "varchar(254)", (column) => column.primaryKey())
    .addColumn("user_id", "bigint", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .$call((table) => (engine === "sqlite" ? table.modifyEnd(sql`without rowid`) : table))
    .execute();
  await db.schema.createIndex("login_names_user_id_index").on("login_names").column("user_id").execute();

  await db.schema
    .createTable("used_codes")
    .addColumn("code_id", "varchar(64)", (column) => column.primaryKey())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .$call((table) => (engine === "sqlite" ? table.modifyEnd(sql`without rowid`) : table))
    .execute();
  await db.schema.createIndex("used_codes_expires_at_index").on("used_codes").column("expires_at").execute();
}
