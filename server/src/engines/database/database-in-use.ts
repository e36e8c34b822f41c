import { statSync } from "node:fs";
import { sql } from "kysely";
import { ToldError } from "../../errors/told-error.ts";
import type { Database } from "./database.ts";
import type { DatabaseSettings } from "./settings.ts";

/**
 * Which database a command works on, and whether there is one. A command about people that made an empty database
 * where it found none would report on nobody, and its operator would take that for the site's.
 */

/** Without user name and password. */
function nameDatabase({ database }: DatabaseSettings): string {
  if (database.engine === "sqlite") return `SQLite ${database.file}`;
  const { host, pathname } = new URL(database.url);
  return `PostgreSQL ${host}${pathname}`;
}

/** For the commands that may make it: said before they do. */
export function databaseLine(config: DatabaseSettings): string {
  return `Database 数据库  ${nameDatabase(config)}`;
}

/** Before anything is opened or made. Throws a ToldError where SQLite's file is not there. */
export function requireDatabaseFile(config: DatabaseSettings): void {
  const { database } = config;
  if (database.engine !== "sqlite") return;
  if ((statSync(database.file, { throwIfNoEntry: false })?.size ?? 0) === 0) throw noDatabase(config);
}

/** As `requireDatabaseFile`, of a database that can be asked: one without our tables is none yet. */
export async function requireSchema(config: DatabaseSettings, db: Database): Promise<void> {
  if (!(await hasSchema(db))) throw noDatabase(config);
}

export async function hasSchema({ kysely, engine }: Database): Promise<boolean> {
  const found =
    engine === "sqlite"
      ? await sql`select 1 from sqlite_master where name = 'schema_migrations'`.execute(kysely)
      : await sql`select 1 where to_regclass('schema_migrations') is not null`.execute(kysely);
  return found.rows.length > 0;
}

function noDatabase(config: DatabaseSettings): ToldError {
  const name = nameDatabase(config);
  return new ToldError(
    `${name} 还没有数据，没有可查看或修改的内容：请检查 DATA_DIR 和 DATABASE_URL 是否与服务一致，或先用 migrate 建库。`,
    `There is no database yet at ${name}, so nothing to read or change: see that DATA_DIR and DATABASE_URL are the server's, or make it with migrate.`,
  );
}
