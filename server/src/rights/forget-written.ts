import { type RawBuilder, sql } from "kysely";
import { mobile } from "../accounts/mobile.ts";
import type { Db } from "../engines/database/database.ts";
import { nextTurn } from "../kernel/next-turn.ts";
import { type Sought, seek, withoutNames } from "./names-in-text.ts";

/**
 * Takes a person's addresses and numbers out of what staff and services wrote down about others: an erasure finds its own rows by the
 * account, these only by what they say (guard: written-by-staff.test.ts). Reasons in the audit log never have any
 * (accounts/staff-reason.ts). The rest of a text stays. Accident: a hundred thousand notes were gone through in one query, and on SQLite
 * everybody waited; they are walked along their keys, and others have their turns (guard: no-standstill.test.ts).
 */
const notes = ["user_notes", "id", "text"] as const;
/** Beside notes: as many as there are decisions of staff. */
const decisions = [
  ["disablings", "user_id", "reason"],
  ["bulk_runs", "id", "reason"],
  ["denials", "id", "reason"],
  ["deletion_holds", "user_id", "reason"],
] as const;

type Key = string | number;

/** Rows that one query looks at, and how long queries may follow one another in one turn of the event loop. */
const pageSize = 500;
const turnMillis = 5;

/** User names are not sought: they are words, or digits that anything may have. */
const soughtOf = (nameKeys: readonly string[]) =>
  seek(nameKeys.filter((key) => key.includes("@") || mobile.operator.check(key) === null));

/** By how much the clocks of processes may differ. */
const skewMillis = 600_000;

/**
 * `nameKeys`: of everything that the person gave (kernel/name-key.ts). `notesFrom`: when `forgetInNotes` began, so that only what was
 * written since is looked at; without it every note is.
 */
export async function forgetWritten(
  transaction: Db,
  nameKeys: readonly string[],
  notesFrom?: number,
): Promise<void> {
  const sought = soughtOf(nameKeys);
  if (sought.length === 0) return;
  if (notesFrom === undefined) await walk(transaction, sought, [notes]);
  else await forgetInLate(transaction, sought, notesFrom - skewMillis);
  await walk(transaction, sought, decisions);
}

/**
 * What an erasure does before its transaction: a million notes take half a minute to go through, for which nobody else could write on
 * SQLite. Each change is by itself, and done again it does nothing.
 */
export async function forgetInNotes(db: Db, nameKeys: readonly string[]): Promise<void> {
  const sought = soughtOf(nameKeys);
  if (sought.length > 0) await walk(db, sought, [notes]);
}

async function walk(
  db: Db,
  sought: readonly Sought[],
  written: readonly (readonly [table: string, key: string, column: string])[],
): Promise<void> {
  let began = performance.now();
  for (const [table, key, column] of written) {
    for (let after: Key | null = null; ; ) {
      const last: Key | null = await endOfPage(db, { table, key, after });
      if (last === null) break;
      await forgetIn(db, { table, key, column, after, last }, sought);
      after = last;
      if (performance.now() - began < turnMillis) continue;
      await nextTurn();
      began = performance.now();
    }
  }
}

interface Page {
  readonly table: string;
  readonly key: string;
  readonly after: Key | null;
}

const behind = ({ key, after }: Page) => (after === null ? sql`true` : sql`${sql.ref(key)} > ${after}`);

/** The last key of the next page; null where there is none. */
async function endOfPage({ kysely }: Db, page: Page): Promise<Key | null> {
  const key = sql.ref(page.key);
  const { rows } = await sql<{ last: Key | null }>`select max(page.key) as last from (
    select ${key} as key from ${sql.table(page.table)} where ${behind(page)} order by ${key} limit ${pageSize}
  ) as page`.execute(kysely);
  return rows[0]?.last ?? null;
}

function forgetIn(
  db: Db,
  page: Page & { readonly column: string; readonly last: Key },
  sought: readonly Sought[],
): Promise<void> {
  return forgetWhere(db, page, sql`${behind(page)} and ${sql.ref(page.key)} <= ${page.last}`, sought);
}

function forgetInLate(db: Db, sought: readonly Sought[], from: number): Promise<void> {
  const [table, key, column] = notes;
  return forgetWhere(db, { table, key, column }, sql`created_at >= ${from}`, sought);
}

/** Every text is read and folded here: SQLite knows no capitals but ASCII's, and neither engine a number in groups. */
async function forgetWhere(
  { kysely }: Db,
  page: { readonly table: string; readonly key: string; readonly column: string },
  where: RawBuilder<unknown>,
  sought: readonly Sought[],
): Promise<void> {
  const [table, key, text] = [sql.table(page.table), sql.ref(page.key), sql.ref<string>(page.column)];
  const { rows } = await sql<{
    key: Key;
    text: string | null;
  }>`select ${key} as key, ${text} as text from ${table}
    where ${where}`.execute(kysely);
  let began = performance.now();
  for (const { key: own, text: before } of rows) {
    if (performance.now() - began > turnMillis) {
      await nextTurn();
      began = performance.now();
    }
    const after = before === null ? null : withoutNames(before, sought);
    if (after === before) continue;
    await sql`update ${table} set ${text} = ${after} where ${key} = ${own} and ${text} = ${before}`.execute(
      kysely,
    );
  }
}
