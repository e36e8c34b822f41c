import type { Kysely } from "kysely";

/** A program from before it takes nothing away that a join brought, and writes none. */
export const oldestProgram = 1;

/** When a binding came with a joined account: "this wasn't me" takes it away again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("bindings").addColumn("moved_at", "bigint").execute();
}
