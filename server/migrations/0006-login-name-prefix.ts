import { type Kysely, sql } from "kysely";

export const oldestProgram = 1;

/**
 * Administrators find accounts by the beginning of a log-in name. SQLite's primary key serves that already;
 * PostgreSQL's does only in a database whose collation is C.
 */
export async function up(db: Kysely<unknown>, engine: "sqlite" | "postgres"): Promise<void> {
  if (engine === "sqlite") return;
  await sql`create index login_names_prefix_index on login_names (name_key text_pattern_ops)`.execute(db);
}
