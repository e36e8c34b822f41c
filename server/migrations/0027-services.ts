import type { Kysely } from "kysely";

/** A program from before it knows no services: it lets none of them in. */
export const oldestProgram = 1;

/** Credentials of other services, and digests of their secrets, which go with them. */
export async function up(db: Kysely<unknown>, engine: "sqlite" | "postgres"): Promise<void> {
  await db.schema
    .createTable("services")
    .addColumn("id", engine === "sqlite" ? "integer" : "bigint", (column) =>
      engine === "sqlite"
        ? column.primaryKey().autoIncrement()
        : column.primaryKey().generatedByDefaultAsIdentity(),
    )
    .addColumn("name", "varchar(50)", (column) => column.notNull())
    // Both separated by spaces.
    .addColumn("scopes", "text", (column) => column.notNull())
    .addColumn("networks", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint")
    .addColumn("last_used_at", "bigint")
    .addUniqueConstraint("services_name_unique", ["name"])
    .execute();
  await db.schema.createIndex("services_expires_at_index").on("services").column("expires_at").execute();
  await db.schema
    .createTable("service_secrets")
    .addColumn("secret_mac", "varchar(43)", (column) => column.primaryKey().notNull())
    .addColumn("service_id", "bigint", (column) =>
      column.notNull().references("services.id").onDelete("cascade"),
    )
    .addColumn("created_at", "bigint", (column) => column.notNull())
    // Null: as long as the service.
    .addColumn("ends_at", "bigint")
    .execute();
  for (const column of ["service_id", "ends_at"]) {
    await db.schema
      .createIndex(`service_secrets_${column}_index`)
      .on("service_secrets")
      .column(column)
      .execute();
  }
}
