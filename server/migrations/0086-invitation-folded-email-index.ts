import { type Kysely, sql } from "kysely";

export const oldestProgram = 1;

/** An erasure looks for invitations whatever capitals they were typed in. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index invitations_folded_email_index on invitations (lower(email))`.execute(db);
}
