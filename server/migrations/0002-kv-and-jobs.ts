import { type Kysely, sql } from "kysely";

export const oldestProgram = 1;

/** Ephemeral entries of the key-value contract, and background jobs (also the outbox of the BullMQ runner). */
export async function up(db: Kysely<unknown>, engine: "sqlite" | "postgres"): Promise<void> {
  await db.schema
    .createTable("kv_entries")
    .addColumn("entry_key", "text", (column) => column.primaryKey().notNull())
    .addColumn("value", "text", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .$call((table) => (engine === "sqlite" ? table.modifyEnd(sql`without rowid`) : table))
    .execute();
  await db.schema.createIndex("kv_entries_expires_at_index").on("kv_entries").column("expires_at").execute();

  await db.schema
    .createTable("jobs")
    // The order of arrival. SQLite's rowid as it is: an autoincrement would cost a second write per job.
    .addColumn("sequence", engine === "sqlite" ? "integer" : "bigint", (column) =>
      engine === "sqlite" ? column.primaryKey() : column.primaryKey().generatedByDefaultAsIdentity(),
    )
    .addColumn("id", "varchar(100)", (column) => column.notNull().unique())
    .addColumn("name", "varchar(100)", (column) => column.notNull())
    .addColumn("payload", "text", (column) => column.notNull())
    .addColumn("state", "varchar(10)", (column) => column.notNull().defaultTo("waiting"))
    .addColumn("attempts", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("due_at", "bigint", (column) => column.notNull())
    .addColumn("deadline_at", "bigint")
    .addColumn("finished_at", "bigint")
    .addColumn("last_error", "text")
    .execute();
  // Only what can still be claimed: stays small however many finished jobs are kept.
  await sql`create index jobs_due_index on jobs (due_at, sequence) where state in ('waiting', 'running')`.execute(
    db,
  );
  await sql`create index jobs_finished_index on jobs (state, finished_at) where state in ('done', 'dead')`.execute(
    db,
  );
}
