import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import pg from "pg";
import { ToldError } from "../../errors/told-error.ts";
import type { Clock } from "../../kernel/clock.ts";
import { backedUpTables, type RowsProgress } from "./backup-file.ts";
import { keepLastNumber, lastNumberOfPostgres } from "./given-numbers.ts";
import { migrate } from "./migrate.ts";
import { type MovedTable, quoted } from "./move-tables.ts";
import { translated } from "./postgres-errors.ts";
import { migrationFiles } from "./schema-level.ts";
import { openSqlite } from "./sqlite.ts";
import { postgresPages } from "./table-rows.ts";

/**
 * Copies a PostgreSQL database into a new SQLite file: with the schema that it has, and every row as it was at the moment
 * at which the one transaction began that reads them all. Keeps no writer waiting.
 */
export async function copyPostgres(
  url: string,
  file: string,
  { clock, progress }: { readonly clock: Clock; readonly progress: RowsProgress },
): Promise<void> {
  const source = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  // A connection that breaks between two queries is reported by the next.
  source.on("error", () => {});
  try {
    await source.connect();
    await source.query("begin transaction isolation level repeatable read read only");
    const applied = await appliedMigrations(source);
    await makeSchema(file, applied, clock);
    const copy = new DatabaseSync(file, { enableForeignKeyConstraints: false });
    try {
      await fill(source, copy, applied, progress);
    } finally {
      copy.close();
    }
  } catch (error) {
    throw translated(error);
  } finally {
    await source.end().catch(() => {});
  }
}

interface Applied {
  readonly name: string;
  readonly applied_at: string;
  readonly oldest_program: number | null;
}

async function appliedMigrations(source: pg.Client): Promise<Applied[]> {
  const found = await source.query(
    "select to_regclass('schema_migrations') is not null as ours, to_regclass('unfinished_move') is not null as half",
  );
  const { ours, half } = found.rows[0] as { ours: boolean; half: boolean };
  if (!ours || half) {
    throw new ToldError(
      "这个数据库没有账号数据，或是没有完成的 move-data、restore 留下的：没有可备份的内容。",
      "This database has no accounts, or is what an unfinished move-data or restore left: there is nothing to back up.",
    );
  }
  return (await source.query("select * from schema_migrations order by name")).rows;
}

/** As the source's, which a newer program may still have to bring up to date. */
async function makeSchema(file: string, applied: readonly Applied[], clock: Clock): Promise<void> {
  const { files: known, level } = migrationFiles();
  const names = new Set(applied.map(({ name }) => name));
  const files = known.filter(({ name }) => names.has(name));
  if (files.length < names.size) {
    throw new ToldError(
      "数据库的结构比本程序新：请用新版本的程序备份。",
      "The database's schema is newer than this program: back it up with the newer version.",
    );
  }
  const copy = openSqlite(file);
  try {
    await migrate(copy, clock, { files, level });
  } finally {
    await copy.close();
  }
}

async function fill(
  source: pg.Client,
  copy: DatabaseSync,
  applied: readonly Applied[],
  progress: RowsProgress,
): Promise<void> {
  // Nothing else reads it, and it is thrown away where this fails.
  copy.exec("pragma journal_mode = off; pragma synchronous = off; begin");
  const list = copy.prepare("update schema_migrations set applied_at = ?, oldest_program = ? where name = ?");
  for (const { name, applied_at, oldest_program } of applied) list.run(applied_at, oldest_program, name);
  const tables = backedUpTables(copy);
  // What the migrations themselves wrote.
  for (const table of tables.toReversed()) copy.exec(`delete from ${quoted(table.name)}`);
  for (const table of tables) await fillTable(source, copy, table, progress);
  copy.exec("commit");
}

async function fillTable(
  source: pg.Client,
  copy: DatabaseSync,
  table: MovedTable,
  progress: RowsProgress,
): Promise<void> {
  const total = Number((await source.query(`select count(*) as n from ${quoted(table.name)}`)).rows[0].n);
  const names = table.columns.map(quoted).join();
  const places = table.columns.map(() => "?").join();
  const insert = copy.prepare(`insert into ${quoted(table.name)} (${names}) values (${places})`);
  let rows = 0;
  for await (const page of postgresPages(source, table)) {
    for (const row of page) insert.run(...table.columns.map((column) => row[column] as SQLInputValue));
    rows += page.length;
    progress("copy", table.name, rows, total);
  }
  keepLastNumber(copy, table.name, await lastNumberOfPostgres(source, table.name));
}
