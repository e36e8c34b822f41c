import { type Kysely, sql } from "kysely";

export const oldestProgram = 1;

/** Administrators paste a person's key at a third party without saying which: the primary key begins with the provider. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index bindings_account_key_index on bindings (account_key)`.execute(db);
}
