import { type Kysely, PostgresAdapter, sql } from "kysely";

export const oldestProgram = 1;

/** Numbers of other countries in E.164 have up to sixteen characters. SQLite has no lengths. */
export async function up(db: Kysely<unknown>): Promise<void> {
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) return;
  await sql`alter table users alter column mobile type varchar(20)`.execute(db);
}
