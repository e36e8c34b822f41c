import type { Kysely } from "kysely";

/** A program from before it knows no invitations: it makes accounts whatever SIGN_UP is, as it did. */
export const oldestProgram = 1;

/** Invitations to sign up, by a digest of what the link has. They go with their maker and their group. */
export async function up(db: Kysely<unknown>, engine: "sqlite" | "postgres"): Promise<void> {
  await db.schema
    .createTable("invitations")
    .addColumn("id", engine === "sqlite" ? "integer" : "bigint", (column) =>
      engine === "sqlite"
        ? column.primaryKey().autoIncrement()
        : column.primaryKey().generatedByDefaultAsIdentity(),
    )
    .addColumn("token_mac", "varchar(43)", (column) => column.notNull())
    // Null: whoever has the link.
    .addColumn("email", "varchar(254)")
    .addColumn("group_id", "bigint", (column) => column.references("groups.id").onDelete("cascade"))
    // Null: made on the command line.
    .addColumn("maker_id", "bigint", (column) => column.references("users.id").onDelete("cascade"))
    .addColumn("max_uses", "integer", (column) => column.notNull())
    .addColumn("uses", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addUniqueConstraint("invitations_token_unique", ["token_mac"])
    .execute();
  for (const column of ["maker_id", "group_id", "expires_at"]) {
    await db.schema.createIndex(`invitations_${column}_index`).on("invitations").column(column).execute();
  }
}
