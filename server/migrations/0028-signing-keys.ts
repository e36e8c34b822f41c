import type { Kysely } from "kysely";

/** A program from before it signs and takes HS256 alone: set TOKEN_ALGORITHM when none of it runs any more. */
export const oldestProgram = 1;

/**
 * Whose turn it is to sign access tokens, and from when. A private key is encrypted under SECRET_KEY. Empty while HS256 was
 * never left.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("signing_keys")
    .addColumn("turn", "integer", (column) => column.primaryKey().notNull())
    .addColumn("algorithm", "varchar(10)", (column) => column.notNull())
    .addColumn("kid", "varchar(64)", (column) => column.notNull())
    .addColumn("sealed", "text")
    .addColumn("made_at", "bigint", (column) => column.notNull())
    .addColumn("signs_from", "bigint", (column) => column.notNull())
    .addColumn("token_life", "bigint", (column) => column.notNull())
    .addColumn("dropped_at", "bigint")
    .execute();
}
