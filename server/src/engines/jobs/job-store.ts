import { createHash } from "node:crypto";
import { sql } from "kysely";
import { type Db, type Statement, statement } from "../database/database.ts";

/**
 * The table `jobs`. A waiting row is due at `due_at` (0: at once, so that a clock set back delays nothing new);
 * a running row's `due_at` is the end of its lease, after which anyone may claim it again. `attempts` counts
 * the runs begun and is the fence: a runner that lost its lease holds an older number, so its late report of
 * success or failure changes nothing.
 */
export interface ClaimedJob {
  sequence: number;
  id: string;
  name: string;
  payload: string;
  attempts: number;
  created_at: number;
  deadline_at: number | null;
}

export interface NewJob {
  id: string;
  name: string;
  payload: string;
  createdAt: number;
  dueAt: number;
  deadlineAt: number | null;
}

/** Does nothing where the id is already kept. */
export const insertJob = statement<NewJob, never>("jobs.insert", (db, job) =>
  db
    .insertInto("jobs")
    .values({
      id: job.id,
      name: job.name,
      payload: job.payload,
      created_at: job.createdAt,
      due_at: job.dueAt,
      deadline_at: job.deadlineAt,
    })
    .onConflict((conflict) => conflict.column("id").doNothing()),
);

export type ClaimValues = { now: number; leaseEndsAt: number; limit: number };

/**
 * The statement that claims up to `limit` due jobs of the given names, oldest first. Names this process
 * doesn't know are left for a newer version of it, so a rolling update loses nothing.
 */
export function claimStatement(names: readonly string[]): Statement<ClaimValues, ClaimedJob> {
  const hash = createHash("sha256").update(names.join("\n")).digest("hex").slice(0, 16);
  return statement<ClaimValues, ClaimedJob>(`jobs.claim.${hash}`, (db, { now, leaseEndsAt, limit }, engine) =>
    db
      .updateTable("jobs")
      .set((row) => ({
        state: "running",
        due_at: leaseEndsAt,
        attempts: row("attempts", "+", 1),
      }))
      .where("sequence", "in", (due) =>
        due
          .selectFrom("jobs")
          .select("sequence")
          // As text and not as parameters: a partial index serves only what it can prove to be inside it.
          .where(sql<boolean>`state in ('waiting', 'running')`)
          .where("due_at", "<=", now)
          .where("name", "in", [...names])
          .orderBy("due_at")
          .orderBy("sequence")
          .limit(limit)
          .$call((query) => (engine === "postgres" ? query.forUpdate().skipLocked() : query)),
      )
      .returning(["sequence", "id", "name", "payload", "attempts", "created_at", "deadline_at"]),
  );
}

type Held = { sequence: number; attempts: number };

/** Keeps a claimed job for longer. */
export const extendLease = statement<Held & { leaseEndsAt: number }, { sequence: number }>(
  "jobs.extend",
  (db, { sequence, attempts, leaseEndsAt }) =>
    db
      .updateTable("jobs")
      .set({ due_at: leaseEndsAt })
      .where("sequence", "=", sequence)
      .where("attempts", "=", attempts)
      .where("state", "=", "running")
      .returning("sequence"),
);

export const markDone = statement<Held & { now: number }, { sequence: number }>(
  "jobs.done",
  (db, { sequence, attempts, now }) =>
    db
      .updateTable("jobs")
      .set({ state: "done", finished_at: now, last_error: null })
      .where("sequence", "=", sequence)
      .where("attempts", "=", attempts)
      .where("state", "=", "running")
      .returning("sequence"),
);

/** Back to waiting. `attemptsAfter` is lower than `attempts` where the run was cut short by a stop. */
export const markWaiting = statement<
  Held & { attemptsAfter: number; dueAt: number; error: string | null },
  { sequence: number }
>("jobs.wait", (db, { sequence, attempts, attemptsAfter, dueAt, error }) =>
  db
    .updateTable("jobs")
    .set({ state: "waiting", due_at: dueAt, attempts: attemptsAfter, last_error: error })
    .where("sequence", "=", sequence)
    .where("attempts", "=", attempts)
    .where("state", "=", "running")
    .returning("sequence"),
);

export const markDead = statement<Held & { now: number; error: string }, { sequence: number }>(
  "jobs.dead",
  (db, { sequence, attempts, now, error }) =>
    db
      .updateTable("jobs")
      .set({ state: "dead", finished_at: now, last_error: error })
      .where("sequence", "=", sequence)
      .where("attempts", "=", attempts)
      .where("state", "=", "running")
      .returning("sequence"),
);

/** After the clock was set back: what waits doesn't wait for that time twice. Leases are left as they are. */
export const moveNearer = statement<{ millis: number; now: number }, { sequence: number }>(
  "jobs.nearer",
  (db, { millis, now }) =>
    db
      .updateTable("jobs")
      .set((row) => ({ due_at: row("due_at", "-", millis) }))
      .where(sql<boolean>`state in ('waiting', 'running')`)
      .where("state", "=", "waiting")
      .where("due_at", ">", now)
      .returning("sequence"),
);

/** A row whose payload is no JSON: its own fault, whatever engine it goes to. */
export class UnreadablePayload extends TypeError {}

/** A payload as it was stored. Error: `UnreadablePayload`, which quotes nothing of it, because it may hold an address. */
export function readPayload({ payload }: Pick<ClaimedJob, "payload">): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    throw new UnreadablePayload("the stored payload is not JSON");
  }
}

/**
 * How long a dead letter waits for its operator, in milliseconds, and how many do. They hold whole addresses, because a
 * retry needs them, and anybody can make one by asking for a code to an address that takes no mail.
 */
export const deadLetters = { keepMillis: 14 * 24 * 3600 * 1000, most: 10_000 };

/** When the first ended that is more than are kept; none where there are no more. */
const firstDeadTooMany = statement<{ most: number }, { finished_at: number }>(
  "jobs.dead-too-many",
  (db, { most }) =>
    db
      .selectFrom("jobs")
      .select((row) => row.ref("finished_at").$notNull().as("finished_at"))
      .where(sql<boolean>`state in ('done', 'dead')`)
      .where("state", "=", "dead")
      .orderBy("finished_at", "desc")
      .limit(1)
      .offset(most),
);

/** Removes up to `limit` dead letters that are older than their time at `now`, or more than are kept. */
export async function purgeDeadLetters(db: Db, now: number, limit = 500, kept = deadLetters) {
  const tooMany = await db.first(firstDeadTooMany, { most: kept.most });
  const before = Math.max(now - kept.keepMillis, tooMany?.finished_at ?? 0);
  return (await db.all(purgeEnded, { state: "dead", before, limit })).length;
}

/** Removes up to `limit` jobs finished before the given time; dead letters have a time of their own. */
export async function purgeFinishedJobs(db: Db, before: number, limit = 500): Promise<number> {
  return (await db.all(purgeEnded, { state: "done", before, limit })).length;
}

const purgeEnded = statement<{ state: "done" | "dead"; before: number; limit: number }, { sequence: number }>(
  "jobs.purge",
  (db, { state, before, limit }) =>
    db
      .deleteFrom("jobs")
      .where("sequence", "in", (old) =>
        old
          .selectFrom("jobs")
          .select("sequence")
          .where(sql<boolean>`state in ('done', 'dead')`)
          .where("state", "=", state)
          .where("finished_at", "<=", before)
          .limit(limit),
      )
      .returning("sequence"),
);
