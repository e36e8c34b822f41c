import type { Kysely } from "kysely";

/** New tables, which a program from before it leaves alone; it erases an account that a service holds. */
export const oldestProgram = 1;

/** How far the audit log was written elsewhere, and who has an account's erasure wait. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("audit_marks")
    .addColumn("name", "varchar(20)", (column) => column.primaryKey().notNull())
    .addColumn("entry_id", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("deletion_holds")
    .addColumn("user_id", "bigint", (column) => column.notNull().references("users.id").onDelete("cascade"))
    // Its name: the service may be gone.
    .addColumn("service", "varchar(50)", (column) => column.notNull())
    .addColumn("reason", "varchar(500)", (column) => column.notNull())
    .addColumn("held_at", "bigint", (column) => column.notNull())
    .addColumn("held_until", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("deletion_holds_primary", ["user_id", "service"])
    .execute();
  await db.schema.createIndex("deletion_holds_end_index").on("deletion_holds").column("held_until").execute();
}
