import type { Kysely } from "kysely";

/** A program from before it keeps no extra fields; what was stored stays. */
export const oldestProgram = 1;

/** What SIGN_UP_FIELDS declares, as one JSON object a person. Goes with the account. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("extra_fields")
    .addColumn("user_id", "bigint", (column) =>
      column.primaryKey().notNull().references("users.id").onDelete("cascade"),
    )
    .addColumn("fields", "text", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .execute();
}
