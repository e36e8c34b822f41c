import type { Kysely } from "kysely";

export const oldestProgram = 1;

/** An erasure looks in the notes before its transaction, and within it only in those that were written since. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex("user_notes_time_index").on("user_notes").column("created_at").execute();
}
