import { withNamesNow } from "../audit/lasting-name.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import { type BulkRun, findRun, latestRuns, outcomesOf } from "./bulk-store.ts";

/** Past changes of many accounts (bulk.ts), as long as they are kept. Reads alone. */
export function createBulkRuns({ db }: { readonly db: Db }) {
  return {
    /** The latest first. */
    list: async (limit: number): Promise<BulkRun[]> => withNamesNow(db, await latestRuns(db, limit), "actor"),

    /** With what became of the accounts. Error: `not_found`. */
    async show(id: string): Promise<{ run: BulkRun; outcomes: Readonly<Record<string, number>> }> {
      const run = await findRun(db, id);
      if (run === null) throw new AppError("not_found");
      const [named = run] = await withNamesNow(db, [run], "actor");
      return { run: named, outcomes: await outcomesOf(db, id) };
    },
  };
}

/** As it is answered, with times in ISO 8601. */
export function bulkRunView({
  id,
  actor,
  action,
  reason,
  group_id,
  total,
  started_at,
  finished_at,
}: BulkRun) {
  return {
    ...{ id, actor, action, reason, group: group_id, total },
    started_at: new Date(started_at).toISOString(),
    finished_at: finished_at === null ? null : new Date(finished_at).toISOString(),
  };
}
