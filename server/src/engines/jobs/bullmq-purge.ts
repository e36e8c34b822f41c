import type { Queue } from "bullmq";
import { systemClock } from "../../kernel/clock.ts";
import { orUnavailable } from "../kv/redis-connection.ts";
import type { QueuedData } from "./bullmq-admin.ts";
import { deadLetters } from "./job-store.ts";
import type { Purge } from "./maintenance.ts";

/** How long a finished job can be looked up, in milliseconds, and how many can. */
export const keptDone = { keepMillis: 24 * 3600 * 1000, most: 10_000 };

/**
 * Removes what the queue has kept for its time. BullMQ itself removes only when another job ends the same way, so the
 * addresses in the last dead letter of a site would stay for ever.
 */
export function bullmqPurges(
  queue: () => Promise<Queue<QueuedData>>,
  kept = { completed: keptDone, failed: deadLetters },
): Purge[] {
  const purge = (name: string, state: "completed" | "failed"): Purge => ({
    name,
    remove: (limit) =>
      orUnavailable(async () => {
        const open = await queue();
        const { keepMillis, most } = kept[state];
        const [firstTooMany] = await open.getJobs([state], most, most, false);
        // By the machine's clock, as BullMQ notes ends; by its time and not by a number: two processes at once must not each remove as many.
        const age = firstTooMany?.finishedOn ? systemClock.now() - firstTooMany.finishedOn : keepMillis;
        return (await open.clean(Math.max(0, Math.min(age, keepMillis)), limit, state)).length;
      }),
  });
  return [purge("done jobs in Redis", "completed"), purge("dead letters in Redis", "failed")];
}
