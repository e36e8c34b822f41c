import { readdirSync } from "node:fs";
import { sql } from "kysely";
import { ToldError } from "../../errors/told-error.ts";
import { type Db, statement } from "./database.ts";

/**
 * Which programs may run on a database. A program's level is the number of its newest migration; each migration exports
 * `oldestProgram`, the lowest level that may go on beside it, and that is recorded with it. Promise: a program below a
 * recorded one is refused, at its start and, running, by `/readyz`; the others may be upgraded and taken back one by one.
 */
const shippedMigrations = new URL("../../../migrations/", import.meta.url);

export interface MigrationFiles {
  /** Ordered by name. */
  readonly files: readonly MigrationFile[];
  readonly level: number;
}

export interface MigrationFile {
  /** As it is recorded: the source's, also where it was compiled, so that checkout and package share a database. */
  readonly name: string;
  readonly url: URL;
}

/** Of this program, or of a folder that a test made. */
export function migrationFiles(folder: URL = shippedMigrations): MigrationFiles {
  const files = readdirSync(folder)
    .filter((file) => /^\d{4}-[^.]*\.[jt]s$/.test(file))
    .sort()
    .map((file) => ({ name: file.replace(/\.js$/, ".ts"), url: new URL(file, folder) }));
  return { files, level: Number(files.at(-1)?.name.slice(0, 4) ?? 0) };
}

const needed = statement<Record<never, never>, { level: number | null }>("schema.needed", (db) =>
  db.selectFrom("schema_migrations").select((row) => row.fn.max("oldest_program").as("level")),
);

/** Throws a ToldError where the database needs a newer program than one of this level. */
export async function refuseNewerSchema(db: Db, level: number): Promise<void> {
  const least = (await db.first(needed, {}))?.level ?? 0;
  if (least <= level) return;
  throw new ToldError(
    `数据库已升级到需要更新版本的程序（结构 ${least}，本程序为 ${level}）：请安装新版本，或恢复升级前的备份。`,
    `The database needs a newer version of the program (schema ${least}, this one has ${level}): install that, or restore a backup from before the upgrade.`,
  );
}

/** The last level whose programs ask for nothing before they run. */
const lastUnaware = 9;

const newest = statement<Record<never, never>, { name: string | null }>("schema.newest", (db) =>
  db.selectFrom("schema_migrations").select((row) => row.fn.max("name").as("name")),
);

/** Whether this program's migrations, and no others after them, are what the database has. */
export async function isOfPresentSchema(db: Db): Promise<boolean> {
  const name = (await db.first(newest, {}))?.name;
  return name === migrationFiles().files.at(-1)?.name;
}

/** As `refuseNewerSchema`, of a database that this program has not brought up to date: levels may be unknown there. */
export async function refuseNewerThan(db: Db, level: number): Promise<void> {
  const name = (await db.first(newest, {}))?.name ?? "";
  if (Number(name.slice(0, 4)) > lastUnaware) await refuseNewerSchema(db, level);
}

/**
 * Lets the database itself refuse the programs that know nothing of levels: each of their starts offers all of its
 * migrations again, without a level, and is shown why not. Only once a migration needs it; until then they go on.
 */
export async function refuseUnaware(db: Db, oldestProgram: number): Promise<void> {
  if (oldestProgram <= lastUnaware) return;
  const told = sql.lit(
    "this database needs a newer version of the program: install that. 数据库需要更新版本的程序，请安装新版本",
  );
  if (db.engine === "sqlite") {
    await sql`create trigger if not exists schema_migrations_aware before insert on schema_migrations
      when new.oldest_program is null begin select raise(abort, ${told}); end`.execute(db.kysely);
    return;
  }
  await sql`create or replace function schema_migrations_aware() returns trigger language plpgsql as $$
    begin
      if new.oldest_program is null then raise exception ${told}; end if;
      return new;
    end $$`.execute(db.kysely);
  await sql`create or replace trigger schema_migrations_aware before insert on schema_migrations
    for each row execute function schema_migrations_aware()`.execute(db.kysely);
}
