import type { Kysely } from "kysely";

/** A program from before it links nothing, and what it erases or purges looks like a loss to the check. */
export const oldestProgram = 1;

/** What makes a change of the audit log seen: a link for each entry, and the keys of what is a person's in it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("audit_links")
    // No reference: it stays when its entry is purged.
    .addColumn("entry_id", "bigint", (column) => column.primaryKey().notNull())
    .addColumn("entry_hash", "varchar(43)", (column) => column.notNull())
    .addColumn("actor_mac", "varchar(43)")
    .addColumn("target_mac", "varchar(43)")
    .addColumn("hash", "varchar(43)", (column) => column.notNull())
    .addColumn("signature", "varchar(43)")
    .addColumn("purged_at", "bigint")
    .execute();
  await db.schema
    .createTable("audit_keys")
    .addColumn("subject", "varchar(40)", (column) => column.primaryKey().notNull())
    .addColumn("mac_key", "varchar(43)", (column) => column.notNull())
    .execute();
}
