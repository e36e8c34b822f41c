import type { Kysely } from "kysely";

export const oldestProgram = 1;

/** What became of each mail: never its text, so never a code. Rows live for thirty days. */
export async function up(db: Kysely<unknown>, engine: "sqlite" | "postgres"): Promise<void> {
  await db.schema
    .createTable("mails")
    .addColumn("id", engine === "sqlite" ? "integer" : "bigint", (column) =>
      engine === "sqlite"
        ? column.primaryKey().autoIncrement()
        : column.primaryKey().generatedByDefaultAsIdentity(),
    )
    .addColumn("mail_id", "varchar(40)", (column) => column.notNull().unique())
    .addColumn("to_address", "varchar(254)")
    .addColumn("to_key", "varchar(254)")
    .addColumn("user_id", "bigint")
    .addColumn("kind", "varchar(40)", (column) => column.notNull())
    .addColumn("state", "varchar(10)", (column) => column.notNull())
    .addColumn("words", "varchar(500)")
    .addColumn("provider_id", "varchar(200)")
    .addColumn("tries", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .execute();
  for (const column of ["to_key", "user_id", "provider_id", "created_at"]) {
    await db.schema.createIndex(`mails_${column}_index`).on("mails").column(column).execute();
  }
}
