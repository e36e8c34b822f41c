import { type Kysely, sql } from "kysely";

/** New tables, which a program from before it leaves alone. */
export const oldestProgram = 1;

/** Where other programs of the site are told what happened, and what was told to each. */
export async function up(db: Kysely<unknown>, engine: "sqlite" | "postgres"): Promise<void> {
  await db.schema
    .createTable("webhook_endpoints")
    .addColumn("id", engine === "sqlite" ? "integer" : "bigint", (column) =>
      engine === "sqlite"
        ? column.primaryKey().autoIncrement()
        : column.primaryKey().generatedByDefaultAsIdentity(),
    )
    .addColumn("url", "varchar(2000)", (column) => column.notNull())
    // Names of events apart by blanks; empty: every one that is told unasked.
    .addColumn("events", "text", (column) => column.notNull())
    // `on`, `off` by an operator, `gone` after a 410, `failing` after days of failures.
    .addColumn("state", "varchar(10)", (column) => column.notNull())
    .addColumn("sealed", "text", (column) => column.notNull())
    // The secret before, and until when it still signs.
    .addColumn("sealed_before", "text")
    .addColumn("before_until", "bigint")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    // Since when nothing got through; null where the last delivery did.
    .addColumn("failing_since", "bigint")
    // Nothing is sent before: the receiver asked for a pause.
    .addColumn("paused_until", "bigint", (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .createTable("webhook_deliveries")
    .addColumn("id", engine === "sqlite" ? "integer" : "bigint", (column) =>
      engine === "sqlite"
        ? column.primaryKey().autoIncrement()
        : column.primaryKey().generatedByDefaultAsIdentity(),
    )
    .addColumn("endpoint_id", "bigint", (column) =>
      column.notNull().references("webhook_endpoints.id").onDelete("cascade"),
    )
    .addColumn("message_id", "varchar(40)", (column) => column.notNull())
    .addColumn("type", "varchar(60)", (column) => column.notNull())
    // Whom it is about, by id alone; null for nobody.
    .addColumn("user_id", "bigint")
    .addColumn("body", "text", (column) => column.notNull())
    .addColumn("state", "varchar(10)", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull().defaultTo(0))
    // When it is tried next; of one that is being sent, until when that may take.
    .addColumn("due_at", "bigint", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("finished_at", "bigint")
    .addColumn("last_status", "integer")
    .addColumn("last_answer", "text")
    .addColumn("last_error", "varchar(300)")
    .execute();
  await sql`create index webhook_deliveries_due_index on webhook_deliveries (endpoint_id, due_at) where state in ('waiting', 'sending')`.execute(
    db,
  );
  await db.schema
    .createIndex("webhook_deliveries_endpoint_index")
    .on("webhook_deliveries")
    .columns(["endpoint_id", "id"])
    .execute();
  await db.schema
    .createIndex("webhook_deliveries_time_index")
    .on("webhook_deliveries")
    .column("created_at")
    .execute();
  await db.schema
    .createIndex("webhook_deliveries_user_index")
    .on("webhook_deliveries")
    .column("user_id")
    .execute();
}
