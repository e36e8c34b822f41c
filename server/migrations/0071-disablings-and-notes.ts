import type { Kysely } from "kysely";

/** A program from before it disables without a reason, and enables whom an end was given without removing that. */
export const oldestProgram = 1;

/** Why an account is disabled, and until when; and what staff wrote down about an account. Both go with the account. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("disablings")
    .addColumn("user_id", "bigint", (column) =>
      column.primaryKey().references("users.id").onDelete("cascade"),
    )
    .addColumn("reason", "varchar(500)", (column) => column.notNull())
    .addColumn("disabled_by", "varchar(150)", (column) => column.notNull())
    .addColumn("disabled_at", "bigint", (column) => column.notNull())
    .addColumn("ends_at", "bigint")
    .execute();
  await db.schema.createIndex("disablings_end_index").on("disablings").column("ends_at").execute();
  await db.schema
    .createTable("user_notes")
    .addColumn("id", "varchar(22)", (column) => column.primaryKey())
    .addColumn("user_id", "bigint", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("author", "varchar(150)", (column) => column.notNull())
    .addColumn("text", "varchar(4000)", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("user_notes_user_index").on("user_notes").columns(["user_id"]).execute();
}
