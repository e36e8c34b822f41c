import type { Kysely } from "kysely";

export const oldestProgram = 1;

/**
 * 1 for a binding that was added by a log-in alone: whoever had its token could do that, so a password reset removes it. Those
 * of programs before this one are 0: nobody noted how they were added.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("bindings")
    .addColumn("unproved", "integer", (column) => column.notNull().defaultTo(0))
    .execute();
}
