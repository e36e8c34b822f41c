import { type Kysely, sql } from "kysely";

/** Programs from before it don't know the index, which needs none of them. */
export const oldestProgram = 1;

/** For the console's list of imports and exports: few among millions of entries (audit/run-list.ts has the condition word for word). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index audit_entries_runs_index on audit_entries (action, id) where action in ('system.import-django', 'system.export-django', 'system.sync-django', 'user.export', 'user.export-end')`.execute(
    db,
  );
}
