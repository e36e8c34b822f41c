import type { Kysely } from "kysely";

/** A program from before it asks nobody: whoever signed up by it is asked later. */
export const oldestProgram = 1;

/** What people chose beyond the terms, each choice a row that stays; and what they said of their age. Both go with the account. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("consent_choices")
    .addColumn("user_id", "bigint", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("purpose", "varchar(20)", (column) => column.notNull())
    .addColumn("chosen_at", "bigint", (column) => column.notNull())
    .addColumn("version", "varchar(50)", (column) => column.notNull())
    // 0: withdrawn.
    .addColumn("given", "smallint", (column) => column.notNull())
    .addPrimaryKeyConstraint("consent_choices_primary_key", ["user_id", "purpose", "chosen_at"])
    .execute();
  await db.schema
    .createTable("age_declarations")
    .addColumn("user_id", "bigint", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("declared", "varchar(20)", (column) => column.notNull())
    .addColumn("guardian_contact", "varchar(254)")
    .addColumn("declared_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("age_declarations_primary_key", ["user_id", "declared"])
    .execute();
}
