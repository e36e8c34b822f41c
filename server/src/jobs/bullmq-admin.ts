import type { Job, JobType, Queue } from "bullmq";
import type { Db } from "../database/database.ts";
import { orUnavailable } from "../kv/redis-connection.ts";
import { mask } from "../lib/mask.ts";
import type { JobState, JobsAdmin, JobView } from "./jobs.ts";

/** What a job carries through the queue. */
export interface QueuedData {
  readonly id: string;
  readonly payload: unknown;
  readonly deadlineAt: number | null;
}

const queueStates: Record<JobState, JobType[]> = {
  waiting: ["waiting", "delayed", "prioritized"],
  running: ["active"],
  done: ["completed"],
  dead: ["failed"],
};

/** The operator's side of the BullMQ queue. Shows no address in full. */
export function createBullmqAdmin(queue: () => Promise<Queue<QueuedData>>, outbox: Db): JobsAdmin {
  const waitingInOutbox = async () => {
    const row = await outbox.kysely
      .selectFrom("jobs")
      .select((query) => query.fn.countAll<number>().as("count"))
      .where("state", "in", ["waiting", "running"])
      .executeTakeFirst();
    return Number(row?.count ?? 0);
  };
  const stateOf = async (job: Job<QueuedData>): Promise<JobState> => {
    const state = await job.getState();
    if (state === "completed") return "done";
    if (state === "failed") return "dead";
    return state === "active" ? "running" : "waiting";
  };
  const view = async (job: Job<QueuedData>): Promise<JobView> => ({
    id: job.data.id,
    name: job.name,
    state: await stateOf(job),
    attempts: job.attemptsMade,
    createdAt: job.timestamp,
    runAt: job.timestamp + (job.delay ?? 0),
    lastError: job.failedReason || null,
    payload: mask(job.data.payload),
  });

  return {
    list: ({ state, limit }) =>
      orUnavailable(async () => {
        const types = state ? queueStates[state] : Object.values(queueStates).flat();
        const jobs = await (await queue()).getJobs(types, 0, limit - 1, false);
        const found = jobs.filter((job) => job !== undefined).slice(0, limit);
        return Promise.all(found.map(view));
      }),
    show: (id) =>
      orUnavailable(async () => {
        const job = await (await queue()).getJob(queueId(id));
        return job ? view(job) : null;
      }),
    retry: (id) =>
      orUnavailable(async () => {
        const one = id === "all" ? null : await (await queue()).getJob(queueId(id));
        const candidates = id === "all" ? await (await queue()).getFailed(0, -1) : one ? [one] : [];
        let retried = 0;
        for (const job of candidates) {
          if ((await job.getState()) !== "failed") continue;
          // A dead letter's deadline has usually passed; the operator asks for it all the same.
          await job.updateData({ ...job.data, deadlineAt: null });
          await job.retry("failed", { resetAttemptsMade: true, resetAttemptsStarted: true });
          retried += 1;
        }
        return retried;
      }),
    drain: () =>
      orUnavailable(async () => {
        const counts = await (await queue()).getJobCounts(...queueStates.waiting, ...queueStates.dead);
        await (await queue()).drain(true);
        while ((await (await queue()).clean(0, 1000, "failed")).length === 1000);
        const rows = await outbox.kysely
          .deleteFrom("jobs")
          .where("state", "in", ["waiting", "dead"])
          .returning("sequence")
          .execute();
        return Object.values(counts).reduce((sum, count) => sum + count, rows.length);
      }),
    counts: () =>
      orUnavailable(async () => {
        const counts = await (await queue()).getJobCounts(...Object.values(queueStates).flat());
        const sum = (state: JobState) =>
          queueStates[state].reduce((total, type) => total + (counts[type] ?? 0), 0);
        return {
          waiting: sum("waiting") + (await waitingInOutbox()),
          running: sum("running"),
          done: sum("done"),
          dead: sum("dead"),
        };
      }),
  };
}

/** BullMQ refuses ids that are numbers or hold a colon. */
export function queueId(id: string): string {
  return `job-${encodeURIComponent(id)}`;
}
