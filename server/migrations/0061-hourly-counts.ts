import type { Kysely } from "kysely";

/** A program from before it counts nothing here. */
export const oldestProgram = 1;

/** How often what happened, by the hour: what the console's overview shows. Nothing of a person; rows live for 35 days. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("hourly_counts")
    // Hours since 1970.
    .addColumn("hour", "integer", (column) => column.notNull())
    .addColumn("name", "varchar(80)", (column) => column.notNull())
    .addColumn("count", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("hourly_counts_key", ["hour", "name"])
    .execute();
}
