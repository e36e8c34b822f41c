import { sql } from "kysely";
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
const written = [
  ["user_notes", "id", "text"],
  ["disablings", "user_id", "reason"],
  ["bulk_runs", "id", "reason"],
  ["denials", "id", "reason"],
  ["deletion_holds", "user_id", "reason"],
] as const;

type Key = string | number;

/** Rows that one query looks at, and how long queries may follow one another in one turn of the event loop. */
const pageSize = 200;
const turnMillis = 5;

/** The name alone: not the end of a longer address, nor digits within others (guard: written-by-staff.test.ts). */
function nameAlone(key: string): RegExp {
  const name = key.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  if (!key.includes("@")) return new RegExp(`(?<!\\d)(?:(?:\\+|00)?86)?${name}(?!\\d)`, "g");
  return new RegExp(`(?<![a-z\\d.+_-])${name}(?![a-z\\d_-]|\\.[a-z\\d])`, "gi");
}

/** `nameKeys`: of everything that the person gave (kernel/name-key.ts). User names are not sought: they are words, or digits that anything may have. */
export async function forgetWritten(transaction: Db, nameKeys: readonly string[]): Promise<void> {
  const sought = nameKeys.filter((key) => key.includes("@") || mobile.operator.check(key) === null);
  if (sought.length === 0) return;
  let began = performance.now();
  for (const [table, key, column] of written) {
    for (let after: Key | null = null; ; ) {
      const last: Key | null = await endOfPage(transaction, { table, key, after });
      if (last === null) break;
      await forgetIn(transaction, { table, key, column, after, last }, sought);
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

async function forgetIn(
  { kysely, engine }: Db,
  page: Page & { readonly column: string; readonly last: Key },
  sought: readonly string[],
): Promise<void> {
  const [table, key, text] = [sql.table(page.table), sql.ref(page.key), sql.ref<string>(page.column)];
  const place = sql.raw(engine === "sqlite" ? "instr" : "strpos");
  const isThere = sql.join(
    sought.map((name) => sql`${place}(lower(${text}), ${name}) > 0`),
    sql` or `,
  );
  const { rows } = await sql<{ key: Key; text: string }>`select ${key} as key, ${text} as text from ${table}
    where ${behind(page)} and ${key} <= ${page.last} and (${isThere})`.execute(kysely);
  for (const { key: own, text: before } of rows) {
    const after = sought.reduce((left, name) => left.replaceAll(nameAlone(name), erasedValue), before);
    await sql`update ${table} set ${text} = ${after} where ${key} = ${own} and ${text} = ${before}`.execute(
      kysely,
    );
  }
}
