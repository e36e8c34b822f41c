import type { Db } from "../engines/database/database.ts";
import type { AuditEntry } from "./audit.ts";
import type { EntryRow } from "./chain-entry.ts";
import { entryOf } from "./entry-list.ts";

/**
 * Entries in their order, from a cursor on: what leaves the site page by page. On PostgreSQL numbers are given out before their
 * transactions end, so one may become visible behind a later one: nothing younger than a minute goes out there, and so none is
 * passed by (a transaction is ended after half of that: engines/database/postgres.ts). On SQLite one writes after another.
 */
const settledMillis = { sqlite: 0, postgres: 60_000 } as const;

interface After {
  readonly after: number;
  readonly limit: number;
  readonly now: number;
}

/** The rows themselves, as the chain is made over them. */
export async function settledEntries(db: Db, { after, limit, now }: After): Promise<EntryRow[]> {
  const rows = await db.kysely
    .selectFrom("audit_entries")
    .selectAll()
    .where("id", ">", after)
    .orderBy("id")
    .limit(limit)
    .execute();
  return settledOf(db, rows, now);
}

/** Of entries in their order, those behind which none can appear any more. */
export function settledOf(db: Db, rows: EntryRow[], now: number): EntryRow[] {
  const young = rows.findIndex((row) => Number(row.at) > now - settledMillis[db.engine]);
  return young < 0 ? rows : rows.slice(0, young);
}

export async function entriesAfter(db: Db, page: After): Promise<AuditEntry[]> {
  return (await settledEntries(db, page)).map(entryOf);
}
