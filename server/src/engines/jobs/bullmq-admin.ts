import type { Job, JobType, Queue } from "bullmq";
import { mask } from "../../kernel/mask.ts";
import { orUnavailable } from "../kv/redis-connection.ts";
import type { JobFilter, JobState, JobsAdmin, JobView } from "./jobs.ts";

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

/**
 * The operator's side of the BullMQ queue and of the database's table: what was committed and waits to be passed on,
 * and what a site's own runner had left when the site moved to Redis, its dead letters above all. Every verb covers
 * both, so that nothing is removed that was not shown. Shows no address in full.
 */
export function createBullmqAdmin(queue: () => Promise<Queue<QueuedData>>, table: JobsAdmin): JobsAdmin {
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

  /** The first of them, up to the end of the page that is asked for. */
  const listQueue = ({ state, limit, skip = 0, matching }: JobFilter) =>
    orUnavailable(async () => {
      const types = state ? queueStates[state] : Object.values(queueStates).flat();
      // What is looked for may be anywhere; what is kept has bounds (job-store.ts).
      const last = matching === undefined ? skip + limit - 1 : -1;
      const jobs = (await (await queue()).getJobs(types, 0, last, false)).filter((job) => job !== undefined);
      return jobs.filter((job) => matching?.(job.data.payload) ?? true);
    });
  const retryInQueue = (id: string) =>
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
    });

  return {
    async list(filter) {
      const { limit, skip = 0 } = filter;
      const [queued, rows] = await Promise.all([listQueue(filter), listTable(table, filter)]);
      // For a moment a job is in both: it is in the queue before its row is removed.
      const ids = new Set(queued.map((job) => job.data.id));
      const both = [
        ...queued.map((job) => ({ at: job.timestamp, show: () => view(job) })),
        ...rows
          .filter((row) => !ids.has(row.id))
          .map((row) => ({ at: row.createdAt, show: () => Promise.resolve(row) })),
      ].sort((a, b) => b.at - a.at);
      // Only of those on the page it is asked in which state they are.
      return orUnavailable(() => Promise.all(both.slice(skip, skip + limit).map(({ show }) => show())));
    },
    async show(id) {
      const queued = await orUnavailable(async () => {
        const job = await (await queue()).getJob(queueId(id));
        return job ? view(job) : null;
      });
      if (queued) return queued;
      const row = await table.show(id);
      return row && notYetQueued(row);
    },
    // The table's go back to waiting there, and the relay passes them on.
    retry: async (id) => (await retryInQueue(id)) + (await table.retry(id)),
    async discard(id) {
      // In the table first, or it would be passed on after it was looked for.
      const inTable = await table.discard(id);
      return orUnavailable(async () => {
        const job = await (await queue()).getJob(queueId(id));
        if (!job || !["waiting", "dead"].includes(await stateOf(job))) return inTable;
        // One that has begun meanwhile is locked, and stays.
        const [gone] = await Promise.allSettled([job.remove()]);
        return inTable + (gone.status === "fulfilled" ? 1 : 0);
      });
    },
    async drain() {
      // Where Redis is away nothing is removed; and what waits in the table goes first, or it would still be passed on.
      await orUnavailable(queue);
      const removed = await table.drain();
      return orUnavailable(async () => {
        const counts = await (await queue()).getJobCounts(...queueStates.waiting, ...queueStates.dead);
        await (await queue()).drain(true);
        while ((await (await queue()).clean(0, 1000, "failed")).length === 1000);
        return Object.values(counts).reduce((sum, count) => sum + count, removed);
      });
    },
    async forget(matching) {
      // What is in the table first, or it would be passed on after the queue was looked through.
      const inTable = await table.forget(matching);
      return orUnavailable(async () => {
        let removed = inTable;
        // What waits comes first, so that one that ends meanwhile is seen among those that ended.
        for (const state of ["waiting", "done", "dead"] as const) {
          const jobs = await (await queue()).getJobs(queueStates[state], 0, -1);
          const found = jobs.filter((job) => {
            if (job === undefined) return false;
            return matching(job.data.payload, { name: job.name, isWaiting: state === "waiting" });
          });
          // One that has begun meanwhile is locked, and stays.
          const gone = await Promise.allSettled(found.map((job) => job.remove()));
          removed += gone.filter(({ status }) => status === "fulfilled").length;
        }
        return removed;
      });
    },
    async counts(upTo) {
      const queued = await orUnavailable(async () =>
        (await queue()).getJobCounts(...Object.values(queueStates).flat()),
      );
      const rows = await table.counts(upTo);
      const sum = (state: JobState) =>
        queueStates[state].reduce((total, type) => total + (queued[type] ?? 0), 0);
      return {
        waiting: sum("waiting") + rows.waiting + rows.running,
        running: sum("running"),
        done: sum("done") + rows.done,
        dead: sum("dead") + rows.dead,
      };
    },
  };
}

/** A row that the relay holds is called running in the table; seen from here it waits. */
async function listTable(table: JobsAdmin, { skip = 0, ...filter }: JobFilter) {
  if (filter.state === "running") return [];
  const first = { ...filter, limit: skip + filter.limit };
  const rows = await table.list(first);
  if (filter.state === "waiting") rows.push(...(await table.list({ ...first, state: "running" })));
  return rows.map(notYetQueued);
}

function notYetQueued(row: JobView): JobView {
  return row.state === "running" ? { ...row, state: "waiting" } : row;
}

/** BullMQ refuses ids that are numbers or hold a colon. */
export function queueId(id: string): string {
  return `job-${encodeURIComponent(id)}`;
}
