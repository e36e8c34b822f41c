import type { BaseLogger } from "pino";
import type { Clock } from "../../kernel/clock.ts";
import { errorLine } from "../../kernel/mask.ts";
import { type Db, statement } from "../database/database.ts";
import { type ClaimedJob, claimStatement, markDead, UnreadablePayload } from "./job-store.ts";

/**
 * Publishes jobs that were written with a transaction (rows of the table `jobs`) to the queue. Promise: a
 * committed row is published at least once, also after a kill between commit and publish or between publish
 * and delete: the row stays until it is published, and its id is the job's id, which the queue takes once. A row that
 * can't be published by itself becomes a dead letter and keeps nobody else back (guard: fault/outbox.test.ts).
 * It also carries over what a site's own runner had left when it moved to the queue.
 */
export interface OutboxRelay {
  start(): void;
  /** Looks again soon, when a short transaction has surely ended. */
  wake(): void;
  /** Publishes everything that is due when it is called; returns how many. */
  relay(): Promise<number>;
  /** Ends after the rows in hand; within four seconds also while both engines hang. */
  stop(): Promise<void>;
}

export interface OutboxRelayOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Pick<BaseLogger, "error">;
  readonly names: readonly string[];
  /** Rejects with `UnreadablePayload` where the row can never be published; any other failure is the queue's. */
  readonly publish: (job: ClaimedJob) => Promise<void>;
  /** How often to look for rows that other processes left; default 1000. */
  readonly pollMillis?: number;
}

const leaseMillis = 10_000;
const batchSize = 50;

const removePublished = statement<{ sequence: number; attempts: number }, never>(
  "jobs.published",
  (db, { sequence, attempts }) =>
    db.deleteFrom("jobs").where("sequence", "=", sequence).where("attempts", "=", attempts),
);

const giveBack = statement<{ sequence: number; attempts: number }, never>(
  "jobs.unpublished",
  (db, { sequence, attempts }) =>
    db
      .updateTable("jobs")
      .set({ state: "waiting", due_at: 0 })
      .where("sequence", "=", sequence)
      .where("attempts", "=", attempts),
);

export function createOutboxRelay(options: OutboxRelayOptions): OutboxRelay {
  const { db, clock, log } = options;
  const claim = claimStatement(options.names);
  const pollMillis = options.pollMillis ?? 1000;
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Timeout | null = null;
  let current: Promise<number> | null = null;
  let failing = false;
  let stopped = false;

  async function bury(row: ClaimedJob, error: unknown): Promise<void> {
    const reason = errorLine(error);
    await db.first(markDead, { ...row, now: clock.now(), error: reason });
    log.error(
      { job: row.name, jobId: row.id, reason },
      "job is a dead letter: it can't be passed to the queue",
    );
  }

  async function publishDue(): Promise<number> {
    let published = 0;
    for (;;) {
      const now = clock.now();
      const rows = await db.all(claim, { now, leaseEndsAt: now + leaseMillis, limit: batchSize });
      for (const [index, row] of rows.entries()) {
        try {
          await options.publish(row);
        } catch (error) {
          // A row that can't be read or queued would keep back all behind it for ever: it waits for an operator instead.
          if (error instanceof UnreadablePayload) {
            await bury(row, error);
            continue;
          }
          // The queue is away, or refuses us (a password, a right, too many clients): the rest goes back at once and not when its lease ends.
          for (const left of rows.slice(index)) await db.first(giveBack, left);
          throw error;
        }
        await db.first(removePublished, row);
        published += 1;
      }
      if (rows.length < batchSize || stopped) return published;
    }
  }

  /** One that is under way may have looked before the row was there, so a caller gets one that begins after it. */
  function relay(): Promise<number> {
    const run = (current ?? Promise.resolve()).catch(() => {}).then(publishDue);
    current = run;
    const forget = () => {
      if (current === run) current = null;
    };
    run.then(forget, forget);
    return run;
  }

  function look(): void {
    // What it would miss, the next poll finds; while the queue is away looks must not pile up.
    (current ?? relay()).then(
      () => {
        failing = false;
      },
      (error) => {
        if (!failing) log.error({ err: error }, "jobs can't be passed from the database to the queue");
        failing = true;
      },
    );
  }

  return {
    relay,
    start() {
      stopped = false;
      timer ??= setInterval(look, pollMillis);
      timer.unref();
    },
    wake() {
      if (soon || stopped) return;
      soon = setTimeout(() => {
        soon = null;
        look();
      }, 20);
      soon.unref();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      timer = undefined;
      if (soon) clearTimeout(soon);
      soon = null;
      await current?.catch(() => {});
    },
  };
}
