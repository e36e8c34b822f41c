import type { Kysely } from "kysely";

/** A program from before it forgets erased ids after a year without noting how far they went. */
export const oldestProgram = 1;

/** The highest erased id that was forgotten after its year: an import brings back none up to it (rights/erased-here.ts). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("installation")
    .addColumn("erased_ids_up_to", "bigint", (column) => column.notNull().defaultTo(0))
    .execute();
}
