import type { Kysely } from "kysely";

export const oldestProgram = 1;

/**
 * Which person at which provider is which account. One row per key, because QQ and WeChat know a person
 * under two; the primary key is what keeps one person from belonging to two accounts.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("bindings")
    .addColumn("provider", "varchar(32)", (column) => column.notNull())
    .addColumn("account_key", "varchar(512)", (column) => column.notNull())
    .addColumn("user_id", "bigint", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("is_alias", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("nickname", "varchar(256)")
    .addColumn("avatar", "varchar(512)")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("last_login_at", "bigint")
    .addPrimaryKeyConstraint("bindings_primary_key", ["provider", "account_key"])
    .execute();
  await db.schema.createIndex("bindings_user_id_index").on("bindings").column("user_id").execute();
}
