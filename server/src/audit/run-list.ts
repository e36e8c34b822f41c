import { sql } from "kysely";
import type { Db } from "../engines/database/database.ts";
import { type AuditPage, entryOf } from "./entry-list.ts";

const runActions = [
  ...["system.import-django", "system.export-django", "system.sync-django"],
  ...["user.export", "user.export-end"],
] as const;
/** The condition of the index that has them (migration 0067), word for word: else SQLite doesn't apply it. */
const isRun = sql<boolean>`action in (${sql.raw(runActions.map((action) => `'${action}'`).join(", "))})`;

/**
 * Pages of entries about many accounts at once that came in or went out, newest first. Each action by itself, along an index of
 * their own: asked for all at once, SQLite might walk through every entry of the log.
 */
export async function listRuns(
  db: Db,
  {
    limit,
    beforeId = Number.MAX_SAFE_INTEGER,
  }: { readonly limit: number; readonly beforeId?: number | undefined },
): Promise<AuditPage> {
  const found = await Promise.all(
    runActions.map((action) =>
      db.kysely
        .selectFrom("audit_entries")
        .selectAll()
        .where("action", "=", action)
        .where(isRun)
        .where("id", "<", beforeId)
        .orderBy("id", "desc")
        .limit(limit + 1)
        .execute(),
    ),
  );
  const rows = found.flat().sort((a, b) => b.id - a.id);
  const entries = rows.slice(0, limit).map(entryOf);
  return { entries, next: rows.length > limit ? entries.at(-1)!.id : null };
}
