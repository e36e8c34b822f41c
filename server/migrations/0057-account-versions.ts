import type { Kysely } from "kysely";

/** A program from before it leaves the version as it is, and tells no receiver of one. */
export const oldestProgram = 1;

/** Larger with each change that other programs are told of: by it they know which of two answers is the later. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("users")
    .addColumn("version", "bigint", (column) => column.notNull().defaultTo(0))
    .execute();
}
