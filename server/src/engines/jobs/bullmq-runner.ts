import { type Job, type JobsOptions, Queue, UnrecoverableError, Worker } from "bullmq";
import type { BaseLogger } from "pino";
import { AppError } from "../../errors/errors.ts";
import type { Clock } from "../../kernel/clock.ts";
import { randomBelow, randomId, randomToken } from "../../kernel/ids.ts";
import { errorLine } from "../../kernel/mask.ts";
import { within } from "../../kernel/within.ts";
import type { Db } from "../database/database.ts";
import { closeRedis, connectRedis, orUnavailable, redisReady } from "../kv/redis-connection.ts";
import { type RedisKeys, redisKeys } from "../kv/redis-keys.ts";
import { createBullmqAdmin, type QueuedData, queueId } from "./bullmq-admin.ts";
import { quietForBullmq } from "./bullmq-advice.ts";
import { bullmqPurges, keptDone } from "./bullmq-purge.ts";
import { backoffMillis, jobDefinitions } from "./job-definitions.ts";
import { type ClaimedJob, deadLetters, insertJob, readPayload } from "./job-store.ts";
import { type JobDefinition, type Jobs, type JobsAdmin, PermanentFailure } from "./jobs.ts";
import type { LocalRunner } from "./local-runner.ts";
import type { Purge } from "./maintenance.ts";
import { createOutboxRelay } from "./outbox-relay.ts";
import { createSqlJobsAdmin } from "./sql-jobs-admin.ts";

/**
 * Jobs on BullMQ: any number of worker processes on any number of machines. Promise: `enqueue` has the job in
 * Redis when it resolves and fails within two seconds where it can't; a worker renews the lock of what it
 * holds, and what a lost worker held is taken over; a job runs at most `attempts` times and is kept as a
 * dead letter. Redis must keep what it was given: appendonly yes, maxmemory-policy noeviction.
 */
export interface BullmqJobsOptions {
  readonly redisUrl: string;
  /** Default: as without REDIS_PREFIX. */
  readonly keys?: Pick<RedisKeys, "queue">;
  /** Where `enqueueWith` writes its rows. */
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Pick<BaseLogger, "info" | "warn" | "error">;
  readonly definitions: readonly JobDefinition[];
  /** Jobs in hand at once in this process; default 20. */
  readonly concurrency?: number;
  /** After how long a lost worker's job is taken over: at most twice this; default 15. */
  readonly lockSeconds?: number;
  /** Dead letters: how long and how many. Default: as in the table. */
  readonly deadLetters?: typeof deadLetters;
}

export interface BullmqJobs {
  readonly jobs: Jobs;
  readonly admin: JobsAdmin;
  readonly runner: LocalRunner;
  /** Of the queue; the table has its own. */
  readonly purges: readonly Purge[];
  close(): Promise<void>;
}

const queueName = "jobs";
const keepDone = { age: keptDone.keepMillis / 1000, count: keptDone.most };
const keepDead = { age: deadLetters.keepMillis / 1000, count: deadLetters.most };

export function createBullmqJobs(options: BullmqJobsOptions): BullmqJobs {
  const { redisUrl, db, clock, log } = options;
  const { queue: prefix } = options.keys ?? redisKeys("");
  const definitions = jobDefinitions(options.definitions);
  const client = quietForBullmq(connectRedis(redisUrl, "prompt", log), log);
  const lockMillis = (options.lockSeconds ?? 15) * 1000;

  let openQueue: Queue<QueuedData> | null = null;
  /** BullMQ binds a queue to its connection's first state for good, so it is made once Redis answers. */
  async function queue(): Promise<Queue<QueuedData>> {
    if (!(await redisReady(client, 1000))) throw new AppError("unavailable", { retryAfterSeconds: 2 });
    if (!openQueue) {
      openQueue = new Queue<QueuedData>(queueName, { connection: client, prefix });
      // Connection errors are reported by the connection; a command's error reaches its caller.
      openQueue.on("error", () => {});
    }
    return openQueue;
  }

  async function add(name: string, data: QueuedData, delayMillis: number): Promise<void> {
    const settings: JobsOptions = {
      jobId: queueId(data.id),
      attempts: definitions.get(name).attempts,
      backoff: { type: "custom" },
      delay: delayMillis,
      removeOnComplete: keepDone,
      removeOnFail: keepDead,
    };
    await orUnavailable(async () => (await queue()).add(name, data, settings));
  }

  const relay = createOutboxRelay({
    ...{ db, clock, log },
    names: definitions.names,
    async publish(row: ClaimedJob) {
      await add(row.name, { id: row.id, payload: readPayload(row), deadlineAt: row.deadline_at }, 0);
    },
  });

  let abort = new AbortController();
  let inHand = 0;
  async function process(job: Job<QueuedData>): Promise<void> {
    inHand += 1;
    try {
      await runHandler(job);
    } finally {
      inHand -= 1;
    }
  }

  async function runHandler(job: Job<QueuedData>): Promise<void> {
    const { id, payload, deadlineAt } = job.data;
    if (deadlineAt !== null && clock.now() >= deadlineAt) {
      throw new UnrecoverableError("its deadline passed");
    }
    try {
      definitions.check(job.name, payload);
    } catch (error) {
      throw new UnrecoverableError(errorLine(error));
    }
    try {
      const run = { id, attempt: job.attemptsMade + 1, signal: abort.signal };
      await definitions.get(job.name).handler(payload, run);
    } catch (error) {
      // What Redis keeps of a failure names nobody.
      const line = errorLine(error);
      throw error instanceof PermanentFailure ? new UnrecoverableError(line) : new Error(line);
    }
  }

  /** -1 ends the retries. */
  function backoffStrategy(
    attempt: number,
    _type?: string,
    _error?: Error,
    job?: { name: string; data: QueuedData },
  ) {
    if (!job) return -1;
    const wait = backoffMillis(definitions.get(job.name), attempt, randomBelow(1000) / 1000);
    const { deadlineAt } = job.data;
    return deadlineAt !== null && clock.now() + wait >= deadlineAt ? -1 : wait;
  }

  function reportFailure(job: Job<QueuedData> | undefined, error: Error) {
    const fields = { job: job?.name, jobId: job?.data.id, attempt: job?.attemptsMade, reason: error.message };
    if (!job || job.finishedOn) log.error(fields, "job is a dead letter");
    else log.warn(fields, "job failed, will be retried");
  }

  function openWorker() {
    const connection = quietForBullmq(connectRedis(redisUrl, "patient", log), log);
    const worker = new Worker<QueuedData>(queueName, process, {
      ...{ connection, prefix, autorun: false },
      concurrency: options.concurrency ?? 20,
      lockDuration: lockMillis,
      stalledInterval: Math.round(lockMillis / 2),
      // A job that takes its worker down each time ends as a dead letter.
      maxStalledCount: 3,
      // After an outage: look again every second, not every fifteen.
      runRetryDelay: 1000,
      drainDelay: 2,
      removeOnComplete: keepDone,
      removeOnFail: keepDead,
      settings: { backoffStrategy },
    });
    worker.on("error", () => {});
    worker.on("failed", reportFailure);
    worker.on("stalled", (id) => log.warn({ jobId: id }, "job of a lost worker is taken over"));
    return { worker, connection };
  }

  let held: ReturnType<typeof openWorker> | null = null;

  return {
    jobs: {
      async enqueue({ name }, payload, { id = randomId(), deadlineAt = null, delaySeconds = 0 } = {}) {
        definitions.check(name, payload);
        await add(name, { id, payload, deadlineAt }, delaySeconds * 1000);
      },
      async enqueueWith(transaction, { name }, payload, { id, deadlineAt, delaySeconds } = {}) {
        definitions.check(name, payload);
        const now = clock.now();
        await transaction.first(insertJob, {
          id: id ?? randomId(),
          name,
          payload: JSON.stringify(payload),
          createdAt: now,
          dueAt: delaySeconds ? now + delaySeconds * 1000 : 0,
          deadlineAt: deadlineAt ?? null,
        });
        relay.wake();
      },
    },
    admin: createBullmqAdmin(queue, createSqlJobsAdmin(db, clock)),
    purges: bullmqPurges(queue, { completed: keptDone, failed: options.deadLetters ?? deadLetters }),
    runner: {
      async start() {
        if (held) return;
        abort = new AbortController();
        relay.start();
        held = openWorker();
        held.worker.run().catch((error: unknown) => log.error({ err: error }, "the worker ended"));
      },
      async stop(limitSeconds) {
        await relay.stop();
        if (!held) return;
        const { worker, connection } = held;
        held = null;
        const closed = worker.close().catch(() => {});
        // Without jobs in hand only Redis can be late, and one that is away would be waited for without end.
        const quick = Math.min(2, limitSeconds) * 1000;
        const rest = limitSeconds * 1000 - quick;
        if (!(await within(quick, closed)) && !(inHand > 0 && (await within(rest, closed)))) {
          log.warn({ jobs: inHand }, "stopping without Redis's or a job's end; another worker takes over");
          abort.abort(new Error("the worker stops"));
          // Handlers that heed the signal report their job before the connections go.
          await within(500, closed);
          void worker.disconnect().catch(() => {});
          connection.disconnect();
        }
        await closeRedis(connection);
      },
      async runDue() {
        const { worker, connection } = openWorker();
        const token = randomToken();
        let runs = 0;
        try {
          for (;;) {
            await relay.relay();
            const job = await worker.getNextJob(token, { block: false });
            if (!job) return runs;
            runs += 1;
            await process(job).then(
              () => job.moveToCompleted(undefined, token, false),
              async (error: Error) => {
                await job.moveToFailed(error, token, false);
                reportFailure(job, error);
              },
            );
          }
        } finally {
          await worker.close();
          await closeRedis(connection);
        }
      },
    },
    async close() {
      await relay.stop();
      await within(1000, openQueue?.close() ?? Promise.resolve());
      await closeRedis(client);
    },
  };
}
