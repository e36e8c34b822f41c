import { type Kysely, sql } from "kysely";

/** A program from before it signs a purge in the column of the passes, and writes erasures without a MAC. */
export const oldestProgram = 1;

/**
 * What a purge signs has a column of its own, so that it is never taken for the end of a pass; and who was erased has a MAC under
 * SECRET_KEY, which SQL can't compute: for those of before an operator vouches (rights/erased-mac.ts).
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("audit_links").addColumn("purge_signature", "varchar(43)").execute();
  await sql`create index audit_links_unsigned_index on audit_links (entry_id) where purge_signature = 'unsigned'`.execute(
    db,
  );
  await db.schema.alterTable("deleted_accounts").addColumn("mac", "varchar(43)").execute();
  await sql`create index deleted_accounts_unsigned_index on deleted_accounts (user_id) where mac is null`.execute(
    db,
  );
}
