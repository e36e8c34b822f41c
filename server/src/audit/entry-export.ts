import type { Db } from "../engines/database/database.ts";
import type { AuditEntry } from "./audit.ts";
import { entryOf } from "./entry-list.ts";

/**
 * Entries in their order, from a cursor on: what leaves the site page by page. On PostgreSQL numbers are given out before their
 * transactions end, so one may become visible behind a later one: nothing younger than a minute goes out there, and so none is
 * passed by (a transaction is ended after half of that: engines/database/postgres.ts). On SQLite one writes after another.
 */
const settledMillis = { sqlite: 0, postgres: 60_000 } as const;

export async function entriesAfter(
  db: Db,
  { after, limit, now }: { readonly after: number; readonly limit: number; readonly now: number },
): Promise<AuditEntry[]> {
  const rows = await db.kysely
    .selectFrom("audit_entries")
    .selectAll()
    .where("id", ">", after)
    .orderBy("id")
    .limit(limit)
    .execute();
  const young = rows.findIndex((row) => Number(row.at) > now - settledMillis[db.engine]);
  return (young < 0 ? rows : rows.slice(0, young)).map(entryOf);
}
