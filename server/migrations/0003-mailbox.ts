import type { Kysely } from "kysely";

export const oldestProgram = 1;

/** The development mailbox. */
export async function up(db: Kysely<unknown>, engine: "sqlite" | "postgres"): Promise<void> {
  await db.schema
    .createTable("mailbox_messages")
    .addColumn("id", engine === "sqlite" ? "integer" : "bigint", (column) =>
      engine === "sqlite"
        ? column.primaryKey().autoIncrement()
        : column.primaryKey().generatedByDefaultAsIdentity(),
    )
    // Unique: a message sent twice because a worker was killed in between shows once.
    .addColumn("message_id", "varchar(254)", (column) => column.notNull().unique())
    .addColumn("to_address", "varchar(254)", (column) => column.notNull())
    .addColumn("to_key", "varchar(254)", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("text", "text", (column) => column.notNull())
    .addColumn("html", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("mailbox_messages_to_key_index")
    .on("mailbox_messages")
    .columns(["to_key", "id"])
    .execute();
}
