import { type Kysely, sql } from "kysely";

/** A program from before it serves no delivery addresses. */
export const oldestProgram = 1;

/** Delivery addresses of accounts, for the classic front ends; a deleted one stays for some weeks. */
export async function up(db: Kysely<unknown>, engine: "sqlite" | "postgres"): Promise<void> {
  await db.schema
    .createTable("delivery_addresses")
    .addColumn("id", engine === "sqlite" ? "integer" : "bigint", (column) =>
      engine === "sqlite"
        ? column.primaryKey().autoIncrement()
        : column.primaryKey().generatedByDefaultAsIdentity(),
    )
    .addColumn("user_id", "bigint", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("title", "varchar(20)", (column) => column.notNull())
    .addColumn("receiver", "varchar(20)", (column) => column.notNull())
    // As GB/T 2260 numbers them.
    .addColumn("province_id", "integer", (column) => column.notNull())
    .addColumn("city_id", "integer", (column) => column.notNull())
    .addColumn("district_id", "integer", (column) => column.notNull())
    .addColumn("place", "varchar(100)", (column) => column.notNull())
    .addColumn("mobile", "varchar(16)", (column) => column.notNull())
    .addColumn("tel", "varchar(20)", (column) => column.notNull())
    .addColumn("email", "varchar(254)", (column) => column.notNull())
    .addColumn("is_default", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .addColumn("deleted_at", "bigint")
    .execute();
  await sql`create index delivery_addresses_user_index on delivery_addresses (user_id, updated_at desc, id desc)`.execute(
    db,
  );
  // One at most is the default, whatever happens at once.
  await sql`create unique index delivery_addresses_default_index on delivery_addresses (user_id) where is_default = 1`.execute(
    db,
  );
  await sql`create index delivery_addresses_deleted_index on delivery_addresses (deleted_at) where deleted_at is not null`.execute(
    db,
  );
}
