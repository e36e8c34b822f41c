import { type Kysely, sql } from "kysely";

export const oldestProgram = 1;

/**
 * What administrators' lists are filtered by has an index that ends in the id, the order of the list. Without it SQLite
 * read a million entries of the audit log, or mails, to find that none fits, and held everybody up.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index audit_entries_target_id_index on audit_entries (target_id, id)`.execute(db);
  await sql`create index audit_entries_kind_index on audit_entries (target_kind, id)`.execute(db);
  // A target has few kinds of entries: the one of its id serves both.
  await sql`drop index audit_entries_target_index`.execute(db);
  // The few mails that went wrong. All others have one of two or three states, and no index is written with them.
  await sql`create index mails_trouble_index on mails (state, id) where state in ('refused', 'bounced', 'complained')`.execute(
    db,
  );
}
