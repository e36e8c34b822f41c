import { type Kysely, sql } from "kysely";

/** A program from before it takes no number away when its time comes, and asks for none. */
export const oldestProgram = 1;

/**
 * Requests of people whose number receives nothing any more, to have it taken away after a delay: one open at a time for each
 * account. Rows live for ninety days, and go with the account.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("number_leaves")
    .addColumn("id", "varchar(22)", (column) => column.primaryKey().notNull())
    .addColumn("user_id", "bigint", (column) => column.notNull().references("users.id").onDelete("cascade"))
    // Under which it was asked for: others make it worthless.
    .addColumn("credentials_version", "integer", (column) => column.notNull())
    .addColumn("asked_at", "bigint", (column) => column.notNull())
    .addColumn("due_at", "bigint", (column) => column.notNull())
    .addColumn("ended_at", "bigint")
    // `cancelled`, `done` or `refused`, and what cancelled it.
    .addColumn("ended", "varchar(10)")
    .addColumn("cancelled_by", "varchar(20)")
    .execute();
  await sql`create unique index number_leaves_open_index on number_leaves (user_id) where ended_at is null`.execute(
    db,
  );
  await sql`create index number_leaves_due_index on number_leaves (due_at) where ended_at is null`.execute(
    db,
  );
  await db.schema
    .createIndex("number_leaves_user_index")
    .on("number_leaves")
    .columns(["user_id", "asked_at"])
    .execute();
  await db.schema.createIndex("number_leaves_time_index").on("number_leaves").column("asked_at").execute();
}
