import type { Kysely } from "kysely";

/** A program from before it makes the first superuser by its command alone. */
export const oldestProgram = 1;

/** The one link by which the first superuser may be made; one row at most, for an hour. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("first_superuser_links")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("token_digest", "varchar(43)", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .execute();
}
