import type { User } from "../accounts/record.ts";
import type { Db } from "../engines/database/database.ts";
import { nameKeys } from "../kernel/name-key.ts";
import { createPauses } from "../kernel/next-turn.ts";
import { mostRows, type Person, type PersonalTable, type Row, shownOf } from "./personal-table.ts";

/** Everything that is kept about an account, as its owner is shown it. The form is docs/export.schema.json. */
export interface ExportedData {
  /** Raised when a reader of an earlier form would misread it. */
  readonly schema_version: 1;
  readonly made_at: string;
  readonly account_id: number;
  /** Rows by table; a table without any is there, empty. */
  readonly tables: Readonly<Record<string, readonly Row[]>>;
  /** Tables of which only the newest rows are here, and how many. */
  readonly cut: Readonly<Record<string, number>>;
  /** By table, what was left out, and why. */
  readonly left_out: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

function personOf(user: User): Person {
  const keysOf = (names: readonly (string | null)[]) =>
    [...new Set(names.flatMap((name) => nameKeys(name ?? "")))].filter(Boolean);
  // An address or number that nobody confirmed may be another's: what was sent there is not this account's to see.
  const own = user.email_verified === 1 ? [user.username, user.email] : [user.username];
  const since = user.mobile_proved_at;
  const number = since === null ? null : { keys: keysOf([user.proved_mobile]), since };
  return { id: user.id, nameKeys: keysOf(own), number };
}

/** Reads it in one transaction, so that it is of one moment; others have their turns meanwhile. `now` in epoch milliseconds. */
export async function collect(
  db: Db,
  tables: readonly PersonalTable[],
  user: User,
  now: number,
): Promise<ExportedData> {
  const person = personOf(user);
  return db.transaction(async (transaction) => {
    const read: Record<string, readonly Row[]> = {};
    const cut: Record<string, number> = {};
    const pause = createPauses();
    for (const table of tables.filter(hasSomething)) {
      const rows = await table.rows(transaction, person);
      if (rows.length > mostRows) cut[table.table] = mostRows;
      const shown: Row[] = [];
      for (const row of rows.slice(-mostRows)) {
        shown.push(shownOf(table, row));
        await pause();
      }
      read[table.table] = shown;
    }
    return {
      ...{ schema_version: 1, made_at: new Date(now).toISOString(), account_id: user.id },
      ...{ tables: read, cut, left_out: Object.fromEntries(tables.map((one) => [one.table, leftOut(one)])) },
    };
  });
}

/** Whether an export shows any column of it. */
export function hasSomething({ columns }: PersonalTable): boolean {
  return Object.values(columns).some((how) => typeof how === "string");
}

function leftOut({ columns }: PersonalTable): Record<string, string> {
  return Object.fromEntries(
    Object.entries(columns).flatMap(([name, how]) => (typeof how === "string" ? [] : [[name, how.withheld]])),
  );
}
