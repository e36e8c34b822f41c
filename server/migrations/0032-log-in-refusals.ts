import type { Kysely } from "kysely";

export const oldestProgram = 1;

/** The last refused log-ins of each account, of a kind and a network once. Rows live for thirty days, and go with the account. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("log_in_refusals")
    .addColumn("user_id", "bigint", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("reason", "varchar(20)", (column) => column.notNull())
    .addColumn("network", "varchar(45)", (column) => column.notNull())
    .addColumn("refused_at", "bigint", (column) => column.notNull())
    .addColumn("times", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("log_in_refusals_primary_key", ["user_id", "reason", "network"])
    .execute();
  await db.schema
    .createIndex("log_in_refusals_time_index")
    .on("log_in_refusals")
    .column("refused_at")
    .execute();
}
