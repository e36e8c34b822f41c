import { createHash } from "node:crypto";
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type pg from "pg";
import { keyOrder, type MovedTable, quoted } from "./move-tables.ts";

/**
 * The rows of a table in the order of its key, which is the same on both engines, and their checksum, which is too: for
 * whatever carries a database elsewhere and has to show that nothing is missing.
 */
export type Row = Record<string, unknown>;

/** What is in a table: the SHA-256 of every value of every row, in key order. */
export interface TableContent {
  readonly table: string;
  readonly rows: number;
  readonly checksum: string;
}

export function countRows(source: DatabaseSync, table: MovedTable): number {
  return Number(source.prepare(`select count(*) as n from ${quoted(table.name)}`).get()?.n ?? 0);
}

/** The rows after the one with this key, at most `limit` of them. */
export function sourceRows(source: DatabaseSync, table: MovedTable, after: Row | null, limit: number): Row[] {
  const names = table.key.map((column) => quoted(column.name)).join();
  const places = table.key.map(() => "?").join();
  const where = after ? `where (${names}) > (${places})` : "";
  const values = after ? table.key.map((column) => after[column.name] as SQLInputValue) : [];
  const text = `select * from ${quoted(table.name)} ${where} order by ${keyOrder(table, "sqlite")} limit ${limit}`;
  return source.prepare(text).all(...values);
}

/** All rows of a table of SQLite, in pages. */
export function* sqlitePages(source: DatabaseSync, table: MovedTable, size = 1000): Generator<Row[]> {
  for (let after: Row | null = null; ; ) {
    const page = sourceRows(source, table, after, size);
    yield page;
    if (page.length < size) return;
    after = page.at(-1) as Row;
  }
}

/** All rows of a table of PostgreSQL, in pages: by one cursor of the caller's transaction, so that it sorts only once. */
export async function* postgresPages(source: pg.Client, table: MovedTable): AsyncGenerator<Row[]> {
  await source.query(
    `declare table_rows no scroll cursor for select * from ${quoted(table.name)} order by ${keyOrder(table, "postgres")}`,
  );
  for (;;) {
    const page: Row[] = (await source.query("fetch 1000 from table_rows")).rows;
    yield page;
    if (page.length < 1000) break;
  }
  await source.query("close table_rows");
}

/** Counts rows and takes their checksum as they pass by. */
export function digestOf(table: MovedTable) {
  const hash = createHash("sha256");
  let rows = 0;
  return {
    /** Each value with its length, so that no two rows look alike; 64-bit integers come as strings from pg. */
    add(page: readonly Row[]): number {
      for (const row of page) {
        for (const column of table.columns) {
          const text = textOf(row[column]);
          hash.update(`${text.length}:${text}`);
        }
      }
      rows += page.length;
      return rows;
    },
    content: (): TableContent => ({ table: table.name, rows, checksum: hash.digest("hex") }),
  };
}

function textOf(value: unknown): string {
  if (value === null) return "\u0000";
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value);
}
