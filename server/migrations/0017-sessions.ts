import type { Kysely } from "kysely";

export const oldestProgram = 1;

/**
 * A row for every log-in. Of refresh tokens it has a number only: nothing that could be shown in their place. Purged a
 * while after its end; goes with the account.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("sessions")
    .addColumn("id", "varchar(22)", (column) => column.primaryKey().notNull())
    .addColumn("user_id", "bigint", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("credentials_version", "integer", (column) => column.notNull())
    .addColumn("way", "varchar(20)", (column) => column.notNull())
    .addColumn("provider", "varchar(32)")
    .addColumn("user_agent", "varchar(256)", (column) => column.notNull())
    .addColumn("network", "varchar(64)", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("last_seen_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addColumn("idle_seconds", "bigint")
    .addColumn("counter", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("rotations", "varchar(160)", (column) => column.notNull().defaultTo(""))
    .addColumn("ended_at", "bigint")
    .addColumn("ended_by", "varchar(20)")
    .execute();
  await db.schema
    .createIndex("sessions_user_index")
    .on("sessions")
    .columns(["user_id", "expires_at"])
    .execute();
  await db.schema.createIndex("sessions_expiry_index").on("sessions").column("expires_at").execute();
}
