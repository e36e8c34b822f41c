import { type Kysely, sql } from "kysely";

/** The program before gives up names without holding them, and lets others have what is held; nothing breaks. */
export const oldestProgram = 1;

/**
 * User names, addresses and mobile numbers that an account gave up: nobody else gets them for a while, because services
 * of the mall find accounts by the name in a token. No reference to the account: a name is held after it is gone, too.
 */
export async function up(db: Kysely<unknown>, engine: "sqlite" | "postgres"): Promise<void> {
  await db.schema
    .createTable("held_names")
    .addColumn("name_key", "varchar(254)", (column) => column.primaryKey())
    .addColumn("user_id", "bigint", (column) => column.notNull())
    .addColumn("kind", "varchar(8)", (column) => column.notNull())
    .addColumn("given_up_at", "bigint", (column) => column.notNull())
    .$call((table) => (engine === "sqlite" ? table.modifyEnd(sql`without rowid`) : table))
    .execute();
  await db.schema
    .createIndex("held_names_given_up_at_index")
    .on("held_names")
    .column("given_up_at")
    .execute();
  await db.schema.createIndex("held_names_user_id_index").on("held_names").column("user_id").execute();
  await db.schema.alterTable("users").addColumn("username_changed_at", "bigint").execute();
}
