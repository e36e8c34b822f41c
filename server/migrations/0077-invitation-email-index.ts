import type { Kysely } from "kysely";

export const oldestProgram = 1;

/** An erasure removes invitations to the person's address, and went through all of them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex("invitations_email_index").on("invitations").column("email").execute();
}
