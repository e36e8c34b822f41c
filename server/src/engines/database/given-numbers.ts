import type { DatabaseSync } from "node:sqlite";
import { sql } from "kysely";
import type pg from "pg";
import type { Db } from "./database.ts";
import { quoted } from "./move-tables.ts";

/**
 * The numbers that a database gave to its rows, where rows go from one database to another. Attack: an account is erased, its
 * number is given again after a restore, and its orders at another service are somebody else's. So what counts is the
 * engine's own memory of what it gave, not the highest number that is still there (guards: contract/move-data.test.ts,
 * contract/backup.test.ts).
 */

/** Columns that PostgreSQL numbers by itself. */
export async function identityColumns(target: pg.Client, table: string): Promise<string[]> {
  const found = await target.query(
    "select column_name from information_schema.columns where table_schema = current_schema() and table_name = $1 and is_identity = 'YES'",
    [table],
  );
  return found.rows.map(({ column_name: name }) => String(name));
}

/** The highest that PostgreSQL ever gave to a row of the table; 0 where it gave none. */
export async function lastNumberOfPostgres(source: pg.Client, table: string): Promise<number> {
  let last = 0;
  for (const column of await identityColumns(source, table)) {
    const { rows } = await source.query(
      "select pg_sequence_last_value(pg_get_serial_sequence($1, $2)) as n",
      [quoted(table), column],
    );
    last = Math.max(last, Number(rows[0].n ?? 0));
  }
  return last;
}

/** The highest that SQLite ever gave to a row of the table; 0 where it keeps none. */
export function lastNumber(db: DatabaseSync, table: string): number {
  const known = db.prepare("select 1 from sqlite_master where name = 'sqlite_sequence'").get();
  const row = known && db.prepare("select seq from sqlite_sequence where name = ?").get(table);
  return Number(row?.seq ?? 0);
}

/** From now on SQLite gives to the table only numbers above this one. */
export function keepLastNumber(db: DatabaseSync, table: string, last: number): void {
  if (last <= lastNumber(db, table)) return;
  db.prepare("delete from sqlite_sequence where name = ?").run(table);
  db.prepare("insert into sqlite_sequence (name, seq) values (?, ?)").run(table, last);
}

/** As `keepLastNumber`, on either engine. */
export async function raiseLastNumber(db: Db, table: "users", last: number): Promise<void> {
  if (db.engine === "postgres") {
    await sql`select setval(pg_get_serial_sequence(${table}, 'id'),
      greatest(coalesce(pg_sequence_last_value(pg_get_serial_sequence(${table}, 'id')), 1), ${last}::bigint))`.execute(
      db.kysely,
    );
    return;
  }
  await db.transaction(async ({ kysely }) => {
    const { rows } = await sql<{
      seq: number;
    }>`select seq from sqlite_sequence where name = ${table}`.execute(kysely);
    if ((rows[0]?.seq ?? 0) >= last) return;
    await sql`delete from sqlite_sequence where name = ${table}`.execute(kysely);
    await sql`insert into sqlite_sequence (name, seq) values (${table}, ${last})`.execute(kysely);
  });
}
