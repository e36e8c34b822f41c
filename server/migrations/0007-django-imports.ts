import type { Kysely } from "kysely";

export const oldestProgram = 1;

/**
 * What was taken over of each imported account, as short fingerprints: the next import then tells what the
 * source has gained or changed since from what was withdrawn here.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("django_imports")
    .addColumn("user_id", "bigint", (column) =>
      column.primaryKey().notNull().references("users.id").onDelete("cascade"),
    )
    .addColumn("facts", "text", (column) => column.notNull())
    .execute();
}
