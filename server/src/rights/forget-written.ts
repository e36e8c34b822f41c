import { type RawBuilder, sql } from "kysely";
import { mobile } from "../accounts/mobile.ts";
import { erasedValue } from "../audit/without-values.ts";
import type { Db } from "../engines/database/database.ts";
import { nextTurn } from "../kernel/next-turn.ts";

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

/** The name alone: not the end of a longer address, nor digits within others (guard: written-by-staff.test.ts). */
function nameAlone(key: string): RegExp {
  const name = key.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  if (!key.includes("@")) return new RegExp(`(?<!\\d)(?:(?:\\+|00)?86)?${name}(?!\\d)`, "g");
  return new RegExp(`(?<![a-z\\d.+_-])${name}(?![a-z\\d_-]|\\.[a-z\\d])`, "gi");
}

/** User names are not sought: they are words, or digits that anything may have. */
const soughtOf = (nameKeys: readonly string[]) =>
  nameKeys.filter((key) => key.includes("@") || mobile.operator.check(key) === null);

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
  sought: readonly string[],
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
  sought: readonly string[],
): Promise<void> {
  return forgetWhere(db, page, sql`${behind(page)} and ${sql.ref(page.key)} <= ${page.last}`, sought);
}

function forgetInLate(db: Db, sought: readonly string[], from: number): Promise<void> {
  const [table, key, column] = notes;
  return forgetWhere(db, { table, key, column }, sql`created_at >= ${from}`, sought);
}

async function forgetWhere(
  { kysely, engine }: Db,
  page: { readonly table: string; readonly key: string; readonly column: string },
  where: RawBuilder<unknown>,
  sought: readonly string[],
): Promise<void> {
  const [table, key, text] = [sql.table(page.table), sql.ref(page.key), sql.ref<string>(page.column)];
  const place = sql.raw(engine === "sqlite" ? "instr" : "strpos");
  const isThere = sql.join(
    sought.map((name) => sql`${place}(lower(${text}), ${name}) > 0`),
    sql` or `,
  );
  const { rows } = await sql<{ key: Key; text: string }>`select ${key} as key, ${text} as text from ${table}
    where ${where} and (${isThere})`.execute(kysely);
  for (const { key: own, text: before } of rows) {
    const after = sought.reduce((left, name) => left.replaceAll(nameAlone(name), erasedValue), before);
    await sql`update ${table} set ${text} = ${after} where ${key} = ${own} and ${text} = ${before}`.execute(
      kysely,
    );
  }
}
