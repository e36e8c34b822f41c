import type { BaseLogger } from "pino";
import type { Clock } from "../../kernel/clock.ts";
import { randomBelow, randomId } from "../../kernel/ids.ts";
import { errorLine } from "../../kernel/mask.ts";
import { nextTurn } from "../../kernel/next-turn.ts";
import { within } from "../../kernel/within.ts";
import type { Db } from "../database/database.ts";
import { backoffMillis, jobDefinitions } from "./job-definitions.ts";
import {
  type ClaimedJob,
  claimStatement,
  extendLease,
  insertJob,
  markDead,
  markDone,
  markWaiting,
  moveNearer,
  readPayload,
} from "./job-store.ts";
import {
  type EnqueueOptions,
  type JobDefinition,
  type JobKind,
  type JobRunner,
  type Jobs,
  type JobsAdmin,
  PermanentFailure,
} from "./jobs.ts";
import { createSqlJobsAdmin } from "./sql-jobs-admin.ts";

/**
 * Jobs on the database, run inside the process: the default, which needs no service. Promise: an enqueued job
 * is a committed row; a claim is a lease that its holder renews, so the job of a killed process is taken over
 * when the lease ends, by this or any other process on that database. Never runs a job in two places while
 * both are alive and their event loops turn.
 */
export interface LocalJobsOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Pick<BaseLogger, "info" | "warn" | "error">;
  readonly definitions: readonly JobDefinition[];
  /** Jobs in hand at once; default 8. */
  readonly concurrency?: number;
  /** How often to look for jobs of other processes and for retries; default 1000. */
  readonly pollMillis?: number;
  /** How long a killed process's job waits to be taken over; default 30. */
  readonly leaseSeconds?: number;
  /** Told when the clock was set back by so many milliseconds, more than a minute; for what else waits by the clock. */
  readonly onClockSetBack?: (millis: number, now: number) => Promise<unknown>;
}

export interface LocalRunner extends JobRunner {
  /** Runs what is due now, and what that enqueues, until nothing is due; returns how many runs. */
  runDue(): Promise<number>;
}

export interface LocalJobs {
  readonly jobs: Jobs;
  readonly admin: JobsAdmin;
  readonly runner: LocalRunner;
}

export function createLocalJobs(options: LocalJobsOptions): LocalJobs {
  const { db, clock, log } = options;
  const concurrency = options.concurrency ?? 8;
  const pollMillis = options.pollMillis ?? 1000;
  const leaseMillis = (options.leaseSeconds ?? 30) * 1000;
  const definitions = jobDefinitions(options.definitions);
  const claim = claimStatement(definitions.names);

  const inHand = new Map<ClaimedJob, Promise<void>>();
  let abort = new AbortController();
  let running = false;
  let pumping: Promise<void> | null = null;
  let pumpAgain = false;
  let wakeUp: NodeJS.Immediate | null = null;
  let pollTimer: NodeJS.Timeout | undefined;
  let leaseTimer: NodeJS.Timeout | undefined;
  let reportedFailure = false;
  let lastOffset = Number.NEGATIVE_INFINITY;

  async function insert(
    target: Db,
    { name }: JobKind,
    payload: unknown,
    options: EnqueueOptions = {},
  ): Promise<void> {
    definitions.check(name, payload);
    const now = clock.now();
    await target.first(insertJob, {
      id: options.id ?? randomId(),
      name,
      payload: JSON.stringify(payload),
      createdAt: now,
      dueAt: options.delaySeconds ? now + options.delaySeconds * 1000 : 0,
      deadlineAt: options.deadlineAt ?? null,
    });
    wake();
  }

  /** Coalesced: a hundred enqueues in one turn of the event loop make one claim. */
  function wake() {
    if (!running || wakeUp) return;
    wakeUp = setImmediate(() => {
      wakeUp = null;
      void pump();
    });
  }

  function pump(): Promise<void> {
    pumpAgain = true;
    pumping ??= fill().finally(() => {
      pumping = null;
    });
    return pumping;
  }

  /** Claims until nothing is due or every slot is taken. */
  async function fill(): Promise<void> {
    while (running && pumpAgain) {
      pumpAgain = false;
      const free = concurrency - inHand.size;
      if (free <= 0) return;
      try {
        const claimed = await claimUpTo(free);
        if (claimed.length === free) pumpAgain = true;
        await takeInTurn(claimed);
        reportedFailure = false;
      } catch (error) {
        // The database is away: said once, tried again at the next poll.
        if (!reportedFailure) log.error({ err: error }, "jobs can't be claimed");
        reportedFailure = true;
        return;
      }
    }
  }

  /** Set back: seen as more monotonic time passed than clock time. */
  async function noticeClockStep(now: number): Promise<void> {
    const offset = now - performance.now();
    const back = lastOffset - offset;
    lastOffset = offset;
    if (!(back > 5000)) return;
    const moved = await db.all(moveNearer, { millis: Math.round(back), now });
    log.warn({ seconds: Math.round(back / 1000), jobs: moved.length }, "the clock was set back");
    if (back > 60_000) await options.onClockSetBack?.(Math.round(back), now);
  }

  async function claimUpTo(limit: number) {
    const now = clock.now();
    await noticeClockStep(now);
    return db.all(claim, { now, leaseEndsAt: now + leaseMillis, limit });
  }

  /** Each begins in a turn of its own: on SQLite eight mails that are due at once were written in one, which held up everybody. */
  async function takeInTurn(claimed: readonly ClaimedJob[]): Promise<void> {
    for (const job of claimed) {
      take(job);
      await nextTurn();
    }
  }

  function take(job: ClaimedJob): Promise<void> {
    const run = runJob(job)
      .catch((error) => log.error({ err: error, job: job.name, jobId: job.id }, "job outcome not stored"))
      .finally(() => {
        inHand.delete(job);
        if (running) void pump();
      });
    inHand.set(job, run);
    return run;
  }

  /** Runs one claimed job and stores what came of it. Rejects only when that can't be stored. */
  async function runJob(job: ClaimedJob): Promise<void> {
    const held = { sequence: job.sequence, attempts: job.attempts };
    const definition = definitions.get(job.name);
    const fields = { job: job.name, jobId: job.id, attempt: job.attempts };
    const bury = async (error: string) => {
      await db.first(markDead, { ...held, now: clock.now(), error });
      log.error({ ...fields, reason: error }, "job is a dead letter");
    };

    if (job.deadline_at !== null && clock.now() >= job.deadline_at) return bury("its deadline passed");
    // A job that kills its process never reports a failure, only its claims show.
    if (job.attempts > definition.attempts) return bury("its process was lost at the last attempt");
    let payload: unknown;
    try {
      payload = readPayload(job);
      definitions.check(job.name, payload);
    } catch (error) {
      return bury(errorLine(error));
    }
    const { signal } = abort;
    try {
      await definition.handler(payload, { id: job.id, attempt: job.attempts, signal });
    } catch (error) {
      const line = errorLine(error);
      if (signal.aborted) {
        await db.first(markWaiting, { ...held, attemptsAfter: job.attempts - 1, dueAt: 0, error: line });
        return;
      }
      const isLast = error instanceof PermanentFailure || job.attempts >= definition.attempts;
      if (isLast) return bury(line);
      const dueAt = clock.now() + backoffMillis(definition, job.attempts, randomBelow(1000) / 1000);
      if (job.deadline_at !== null && dueAt >= job.deadline_at) return bury(line);
      await db.first(markWaiting, { ...held, attemptsAfter: job.attempts, dueAt, error: line });
      log.warn(
        { ...fields, reason: line, retryInMillis: dueAt - clock.now() },
        "job failed, will be retried",
      );
      return;
    }
    const kept = await db.first(markDone, { ...held, now: clock.now() });
    if (!kept) log.warn(fields, "job finished after its lease had ended, so it may have run twice");
  }

  async function renewLeases(): Promise<void> {
    const leaseEndsAt = clock.now() + leaseMillis;
    try {
      for (const { sequence, attempts } of [...inHand.keys()]) {
        await db.first(extendLease, { sequence, attempts, leaseEndsAt });
      }
    } catch (error) {
      log.error({ err: error }, "job leases can't be renewed");
    }
  }

  return {
    jobs: {
      enqueue: (kind, payload, options) => insert(db, kind, payload, options),
      enqueueWith: (transaction, kind, payload, options) => insert(transaction, kind, payload, options),
    },
    admin: createSqlJobsAdmin(db, clock),
    runner: {
      async start() {
        if (running) return;
        running = true;
        abort = new AbortController();
        pollTimer = setInterval(() => void pump(), pollMillis);
        leaseTimer = setInterval(() => void renewLeases(), leaseMillis / 3);
        await pump();
      },
      async stop(limitSeconds) {
        running = false;
        clearInterval(pollTimer);
        if (wakeUp) clearImmediate(wakeUp);
        wakeUp = null;
        await pumping;
        const finished = Promise.allSettled(inHand.values());
        if (!(await within(limitSeconds * 1000, finished))) {
          log.warn({ jobs: inHand.size }, "stopping with jobs in hand; another process takes them over");
          abort.abort(new Error("the worker stops"));
          // Handlers that heed the signal put their jobs back before the database is closed.
          await within(500, finished);
        }
        clearInterval(leaseTimer);
      },
      async runDue() {
        let runs = 0;
        for (;;) {
          const claimed = await claimUpTo(concurrency);
          if (claimed.length === 0 && inHand.size === 0) return runs;
          await takeInTurn(claimed);
          runs += claimed.length;
          await Promise.all(inHand.values());
        }
      },
    },
  };
}
