import type { Kysely } from "kysely";

/** A program from before it erases without the mark, and takes a hold for as long as the account is there. */
export const oldestProgram = 1;

/** When an account's erasure began what can't be undone: from then on no service has it wait. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("users").addColumn("erasure_begun_at", "bigint").execute();
}
