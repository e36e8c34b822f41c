import type { Db } from "../engines/database/database.ts";
import type { Tables } from "../engines/database/tables.ts";
import { createPauses } from "../kernel/next-turn.ts";

/**
 * What a table holds of a person: which columns their export shows, which it withholds and why, and how an erasure clears the
 * rows. The list is app/personal-data.ts; a table or a column that is not in it fails the build
 * (guard: personal-data.test.ts).
 */

/** How an export writes a column. Times are stored as epoch milliseconds and shown in ISO 8601. */
export type Shown = "text" | "count" | "time" | "flag" | "json";

/** Why an export leaves a column out. */
export type Withheld =
  /** A key, hash or counter by which somebody could get in. */
  | "secret"
  /** A number of the table's own that says nothing of the person. */
  | "internal"
  /** Of somebody else. */
  | "others"
  /** The folded form of a value that is shown beside it or in `users`. */
  | "repeated";

export type Column = Shown | { readonly withheld: Withheld };
export const withheld = (why: Withheld): Column => ({ withheld: why });

/**
 * - `cascade`: the rows go with the account's, by a foreign key;
 * - `erased`: rights/erase.ts removes them;
 * - `pseudonymised`: the rows stay, without anything of the person.
 */
export type Erasure = "cascade" | "erased" | "pseudonymised";

/** The account whose data are read. */
export interface Person {
  readonly id: number;
  /** Every key of the names that are its own for sure (kernel/name-key.ts), but of the number. */
  readonly nameKeys: readonly string[];
  /** The proved number, and since when it is: what was sent to it before may have been another's. */
  readonly number: { readonly keys: readonly string[]; readonly since: number } | null;
}

export type Row = Readonly<Record<string, unknown>>;

export interface PersonalTable {
  readonly table: keyof Tables;
  readonly columns: Readonly<Record<string, Column>>;
  /** The person's rows, with columns of these names or of others where a plain one would say nothing. */
  rows(db: Db, person: Person): Promise<readonly Row[]>;
  readonly erasure: Erasure;
}

/**
 * Rows of a table that an export has at most, the newest: it is made in memory. Where there are more it says so itself
 * (collect.ts), and whoever reads rows reads one more than this, the oldest first.
 */
export const mostRows = 20_000;

/** Rows that one query brings where everybody waits for it: two milliseconds' worth. */
export const rowsAtOnce = 1_000;

/** The rows whose `owner` is the account's id; the newest by the column `newest` where there are too many. */
export function ownRows(table: keyof Tables, owner = "user_id", newest?: string): PersonalTable["rows"] {
  return async (db, { id }) => {
    const theirs = db.kysely
      .selectFrom(table as "sessions")
      .selectAll()
      .where(owner as "user_id", "=", id);
    if (newest === undefined) return theirs.limit(mostRows + 1).execute();
    const ordered = theirs.orderBy(newest as "created_at", "desc");
    const rows = await inPages(db, (limit, offset) => ordered.limit(limit).offset(offset).execute());
    return rows.reverse();
  };
}

/**
 * Up to `mostRows + 1` of a query. On SQLite some at a time, and others have their turns in between (accident: 20,000 invitations of
 * one member of staff held everybody up; guard: no-standstill-export.test.ts). On PostgreSQL at once: what others write meanwhile
 * would move the pages.
 */
async function inPages<One>(db: Db, page: (limit: number, offset: number) => Promise<One[]>): Promise<One[]> {
  if (db.engine === "postgres") return page(mostRows + 1, 0);
  const pause = createPauses();
  const rows: One[] = [];
  while (rows.length <= mostRows) {
    const wanted = Math.min(rowsAtOnce, mostRows + 1 - rows.length);
    const some = await page(wanted, rows.length);
    rows.push(...some);
    if (some.length < wanted) break;
    await pause();
  }
  return rows;
}

/** What of a row is shown, as JSON has it. */
export function shownOf({ columns }: Pick<PersonalTable, "columns">, row: Row): Row {
  const shown = Object.entries(columns).filter(
    (entry): entry is [string, Shown] => typeof entry[1] === "string" && row[entry[0]] !== undefined,
  );
  return Object.fromEntries(shown.map(([name, how]) => [name, write(how, row[name])]));
}

function write(how: Shown, value: unknown): unknown {
  if (value === null) return null;
  if (how === "time") return new Date(Number(value)).toISOString();
  if (how === "flag") return Number(value) === 1;
  if (how === "count") return Number(value);
  return how === "json" ? JSON.parse(String(value)) : String(value);
}
