import type { Clock } from "../../kernel/clock.ts";
import { errorLine, mask } from "../../kernel/mask.ts";
import { nextTurn } from "../../kernel/next-turn.ts";
import type { Db } from "../database/database.ts";
import { readPayload, UnreadablePayload } from "./job-store.ts";
import type { JobState, JobsAdmin, JobView } from "./jobs.ts";
import { countJobs, jobsIn } from "./sql-job-lists.ts";

/** Rows read at once while those that are wanted are looked for. */
const pageSize = 500;

/** The operator's side of the table `jobs`. Shows no address in full. */
export function createSqlJobsAdmin(db: Db, clock: Clock): JobsAdmin {
  return {
    async list({ state, limit, skip = 0, matching }) {
      if (matching !== undefined && skip > 0) throw new Error("what is looked for has no pages");
      const found: JobView[] = [];
      const size = matching === undefined ? limit : Math.max(limit, pageSize);
      for (let before = Number.MAX_SAFE_INTEGER, offset = skip; ; offset += size) {
        const rows =
          state === undefined
            ? await latestJobs(db, { before, limit: size, offset: skip })
            : await jobsIn(db, state, { limit: size, offset, now: clock.now() });
        found.push(...rows.filter((row) => matching?.(payloadOf(row)) ?? true).map(view));
        if (rows.length < size || found.length >= limit) return found.slice(0, limit);
        before = rows.at(-1)!.sequence;
        await nextTurn();
      }
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
    async discard(id) {
      const gone = db.kysely
        .deleteFrom("jobs")
        .where("id", "=", id)
        .where("state", "in", ["waiting", "dead"]);
      return (await gone.returning("sequence").execute()).length;
    },
    async drain() {
      const removed = await db.kysely
        .deleteFrom("jobs")
        .where("state", "in", ["waiting", "dead"])
        .returning("sequence")
        .execute();
      return removed.length;
    },
    async forget(matching) {
      let removed = 0;
      for (let after = 0; ; ) {
        const rows = await db.kysely
          .selectFrom("jobs")
          .select(["sequence", "payload", "name", "state"])
          .where("state", "<>", "running")
          .where("sequence", ">", after)
          .orderBy("sequence")
          .limit(pageSize)
          .execute();
        const found = rows
          .filter((row) => matching(payloadOf(row), { name: row.name, isWaiting: row.state === "waiting" }))
          .map(({ sequence }) => sequence);
        if (found.length > 0) {
          const gone = db.kysely
            .deleteFrom("jobs")
            .where("sequence", "in", found)
            .where("state", "<>", "running");
          removed += (await gone.returning("sequence").execute()).length;
        }
        if (rows.length < pageSize) return removed;
        after = rows.at(-1)!.sequence;
        await nextTurn();
      }
    },
    counts: (upTo) => countJobs(db, clock.now(), upTo),
  };
}

const latestJobs = (
  db: Db,
  { before, limit, offset }: { readonly before: number; readonly limit: number; readonly offset: number },
) =>
  db.kysely
    .selectFrom("jobs")
    .selectAll()
    .where("sequence", "<", before)
    .orderBy("sequence", "desc")
    .limit(limit)
    .offset(offset)
    .execute();

/** An unreadable one is what the operator looks for; it must not end the list of all others. */
function maskedPayload(row: { payload: string }): unknown {
  try {
    return mask(readPayload(row));
  } catch (error) {
    return { unreadable: errorLine(error) };
  }
}

function payloadOf(row: { payload: string }): unknown {
  try {
    return readPayload(row);
  } catch (error) {
    if (error instanceof UnreadablePayload) return null;
    throw error;
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
