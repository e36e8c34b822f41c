import type { Kysely } from "kysely";

/** A program from before it refuses nobody by this list. */
export const oldestProgram = 1;

/** Whom staff refuse: networks, addresses, and domains of mail; for good or for a while. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("denials")
    .addColumn("id", "varchar(22)", (column) => column.primaryKey())
    .addColumn("kind", "varchar(10)", (column) => column.notNull())
    .addColumn("value", "varchar(320)", (column) => column.notNull())
    .addColumn("shown", "varchar(320)", (column) => column.notNull())
    .addColumn("reason", "varchar(500)", (column) => column.notNull())
    .addColumn("made_by", "varchar(150)", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("ends_at", "bigint")
    .addUniqueConstraint("denials_value_key", ["kind", "value"])
    .execute();
  await db.schema.createIndex("denials_end_index").on("denials").column("ends_at").execute();
}
