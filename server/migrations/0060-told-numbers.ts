import { type Kysely, sql } from "kysely";

/** A program from before it notes nothing here: what was asked through it is told by the job all the same. */
export const oldestProgram = 1;

/**
 * When a number was told that somebody asked to leave it: without that it goes from no account. Those that are open were told
 * as far as anybody knows.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("number_leaves").addColumn("told_at", "bigint").execute();
  await sql`update number_leaves set told_at = asked_at where ended_at is null`.execute(db);
}
