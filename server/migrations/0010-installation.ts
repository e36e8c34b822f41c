import type { Kysely } from "kysely";

export const oldestProgram = 1;

/**
 * Which installation this database is of: one row, made by its first start and never purged. The copy of a database
 * is of the same installation until `manage installation renew`.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("installation")
    // Always 1: the primary key makes the row the only one, whoever comes first.
    .addColumn("singleton", "integer", (column) => column.primaryKey().notNull())
    .addColumn("id", "varchar(36)", (column) => column.notNull())
    .addColumn("fingerprint", "varchar(22)", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
}
