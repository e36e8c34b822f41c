import type { JobsAdmin } from "../engines/jobs/jobs.ts";
import type { Clock } from "../kernel/clock.ts";
import { type HourlyCounts, hourOf } from "../observability/hourly-counts.ts";
import { programVersion } from "../process/program-version.ts";

/**
 * What an operator looks at first: how often what happened, by the hour of the last day and by the day of the last thirty, and what waits. From counters alone:
 * nothing here grows with the number of accounts.
 */
export interface OverviewDeps {
  readonly hourlyCounts: Pick<HourlyCounts, "since">;
  readonly queue: Pick<JobsAdmin, "counts">;
  readonly clock: Clock;
}

const days = 30;
/** Beyond it a number says nothing more. */
const mostJobs = 10_000;

/** As GET /admin/overview/ answers it; the earliest hour first. */
export async function readOverview({ hourlyCounts, queue, clock }: OverviewDeps) {
  const now = clock.now();
  const [hours, jobs] = await Promise.all([
    hourlyCounts.since(hourOf(now) - days * 24 + 1),
    queue.counts(mostJobs),
  ]);
  return {
    version: programVersion(),
    now: new Date(now).toISOString(),
    jobs,
    hours: hours.map(({ hour, counts }) => ({ from: new Date(hour * 3_600_000).toISOString(), counts })),
  };
}
