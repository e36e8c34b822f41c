import type { Clock } from "../../kernel/clock.ts";
import { errorLine, mask } from "../../kernel/mask.ts";
import type { Db } from "../database/database.ts";
import { readPayload } from "./job-store.ts";
import type { JobState, JobsAdmin, JobView } from "./jobs.ts";

/** The operator's side of the table `jobs`. Shows no address in full. */
export function createSqlJobsAdmin(db: Db, clock: Clock): JobsAdmin {
  return {
    async list({ state, limit }) {
      let query = db.kysely.selectFrom("jobs").selectAll().orderBy("sequence", "desc").limit(limit);
      if (state) query = query.where("state", "=", state);
      return (await query.execute()).map(view);
    },
    async show(id) {
      const row = await db.kysely.selectFrom("jobs").selectAll().where("id", "=", id).executeTakeFirst();
      return row ? view(row) : null;
    },
    async retry(id) {
      // A dead letter's deadline has usually passed; the operator asks for it all the same.
      let query = db.kysely
        .updateTable("jobs")
        .set({ state: "waiting", attempts: 0, due_at: clock.now(), deadline_at: null, finished_at: null })
        .where("state", "=", "dead");
      if (id !== "all") query = query.where("id", "=", id);
      return (await query.returning("sequence").execute()).length;
    },
    async drain() {
      const removed = await db.kysely
        .deleteFrom("jobs")
        .where("state", "in", ["waiting", "dead"])
        .returning("sequence")
        .execute();
      return removed.length;
    },
    async counts() {
      const rows = await db.kysely
        .selectFrom("jobs")
        .select((row) => ["state", row.fn.countAll<number>().as("count")])
        .groupBy("state")
        .execute();
      const counts: Record<JobState, number> = { waiting: 0, running: 0, done: 0, dead: 0 };
      for (const row of rows) counts[row.state] = Number(row.count);
      return counts;
    },
  };
}

/** An unreadable one is what the operator looks for; it must not end the list of all others. */
function maskedPayload(row: { payload: string }): unknown {
  try {
    return mask(readPayload(row));
  } catch (error) {
    return { unreadable: errorLine(error) };
  }
}

function view(row: {
  id: string;
  name: string;
  state: JobState;
  attempts: number;
  created_at: number;
  due_at: number;
  last_error: string | null;
  payload: string;
}): JobView {
  return {
    id: row.id,
    name: row.name,
    state: row.state,
    attempts: row.attempts,
    createdAt: row.created_at,
    runAt: Math.max(row.due_at, row.created_at),
    lastError: row.last_error,
    payload: maskedPayload(row),
  };
}
