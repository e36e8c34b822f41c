import { sql } from "kysely";
import type { Db } from "../database/database.ts";
import type { JobState } from "./jobs.ts";

/**
 * Which jobs are in a state, along the index that has it. Accident: on SQLite a query holds everybody up, and by the order of the
 * table a list or a count went through a million jobs (guards: job-counts.test.ts, list-plans.test.ts).
 */
const due = sql<boolean>`state in ('waiting', 'running')`;
const finished = sql<boolean>`state in ('done', 'dead')`;
/** The condition of the index that has each state, word for word: else SQLite reads the whole table. */
const stateIndexes: Readonly<Record<JobState, typeof due>> = {
  waiting: due,
  running: due,
  done: finished,
  dead: finished,
};

/** Milliseconds that a lease lasts at the most, and some more. */
const longestLease = 600_000;
/** Of those that could be running, how many are looked at: no index tells them from those that wait for their next try. */
const mostLookedAt = 3_000;

interface Page {
  readonly limit: number;
  readonly offset: number;
  readonly now: number;
}

/**
 * A page in the order of the state's index: those that wait by when they are due, the last first, finished ones by when they
 * ended. Of running ones those whose lease ends last.
 */
export function jobsIn(db: Db, state: JobState, { limit, offset, now }: Page) {
  const jobs = db.kysely.selectFrom("jobs").selectAll();
  const along = state === "done" || state === "dead" ? "finished_at" : "due_at";
  const asked =
    state === "running" ? jobs.where("sequence", "in", mayRun(db, now)) : jobs.where(stateIndexes[state]);
  return (
    asked
      .where("state", "=", state)
      // All of them are; it begins where the index does.
      .where(along, ">=", 0)
      .orderBy(along, "desc")
      .orderBy("sequence", "desc")
      .limit(limit)
      .offset(offset)
      .execute()
  );
}

/** What is due before the longest lease ends, the latest first: a job that runs is due when its lease ends. */
const mayRun = (db: Db, now: number) =>
  db.kysely
    .selectFrom("jobs")
    .select("sequence")
    .where(due)
    .where("due_at", "<=", now + longestLease)
    .orderBy("due_at", "desc")
    .limit(mostLookedAt);

/** How many there are in each state, more than `upTo` as so many. Without it every row is counted: for commands. */
export async function countJobs(db: Db, now: number, upTo?: number): Promise<Record<JobState, number>> {
  if (upTo === undefined) return countAll(db);
  const some = (index: typeof due, state?: JobState) =>
    counted(
      db.kysely
        .selectFrom((eb) => {
          // Of waiting and running ones together the index alone is read.
          const jobs = eb.selectFrom("jobs").select("sequence").where(index);
          return (state === undefined ? jobs : jobs.where("state", "=", state)).limit(upTo).as("some");
        })
        .select((row) => row.fn.countAll<number>().as("count")),
    );
  const running = await counted(
    db.kysely
      .selectFrom(mayRun(db, now).select("state").as("some"))
      .select((row) => row.fn.countAll<number>().as("count"))
      .where("state", "=", "running"),
  );
  const [open, done, dead] = await Promise.all([some(due), some(finished, "done"), some(finished, "dead")]);
  return { waiting: open === upTo ? open : Math.max(0, open - running), running, done, dead };
}

async function countAll(db: Db): Promise<Record<JobState, number>> {
  const counts = { waiting: 0, running: 0, done: 0, dead: 0 };
  const rows = await db.kysely
    .selectFrom("jobs")
    .select((row) => ["state", row.fn.countAll<number>().as("count")])
    .groupBy("state")
    .execute();
  for (const { state, count } of rows) counts[state] = Number(count);
  return counts;
}

const counted = async (query: { executeTakeFirstOrThrow(): Promise<{ count: number }> }): Promise<number> =>
  Number((await query.executeTakeFirstOrThrow()).count);
