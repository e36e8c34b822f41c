import type { Kysely } from "kysely";

/** A program from before it has no bulk runs, and leaves those of a later one alone. */
export const oldestProgram = 1;

/** Changes of many accounts at once: who asked for what, and what became of each account. Rows live for ninety days. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("bulk_runs")
    .addColumn("id", "varchar(22)", (column) => column.primaryKey())
    .addColumn("actor_id", "bigint", (column) => column.references("users.id").onDelete("set null"))
    .addColumn("actor", "varchar(150)", (column) => column.notNull())
    .addColumn("action", "varchar(20)", (column) => column.notNull())
    .addColumn("reason", "varchar(500)", (column) => column.notNull())
    .addColumn("group_id", "bigint")
    .addColumn("total", "integer", (column) => column.notNull())
    .addColumn("started_at", "bigint", (column) => column.notNull())
    .addColumn("finished_at", "bigint")
    .execute();
  await db.schema.createIndex("bulk_runs_time_index").on("bulk_runs").column("started_at").execute();
  await db.schema.createIndex("bulk_runs_actor_index").on("bulk_runs").column("actor_id").execute();
  await db.schema
    .createTable("bulk_run_accounts")
    .addColumn("run_id", "varchar(22)", (column) =>
      column.notNull().references("bulk_runs.id").onDelete("cascade"),
    )
    .addColumn("user_id", "bigint", (column) => column.notNull().references("users.id").onDelete("cascade"))
    // `done`, or the code of what refused it; null while it waits.
    .addColumn("outcome", "varchar(40)")
    .addPrimaryKeyConstraint("bulk_run_accounts_key", ["run_id", "user_id"])
    .execute();
  await db.schema
    .createIndex("bulk_run_accounts_user_index")
    .on("bulk_run_accounts")
    .column("user_id")
    .execute();
}
