import type { JobsAdmin } from "../engines/jobs/jobs.ts";
import type { Api } from "../http/server.ts";
import type { Clock } from "../kernel/clock.ts";
import Type from "../kernel/schema/schema.ts";
import { type HourlyCounts, hourOf } from "../observability/hourly-counts.ts";
import { programVersion } from "../process/program-version.ts";
import { needs } from "./staff.ts";

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
const Counts = Type.Record(Type.String(), Type.Integer());

export function overviewRoutes(api: Api, { hourlyCounts, queue, clock }: OverviewDeps): void {
  api.route({
    method: "GET",
    url: "/admin/overview/",
    config: { ...needs("overview.view_overview"), dear: true },
    schema: {
      summary: "How often what happened in the last thirty days, by hours (UTC), and what waits",
      description:
        "Names: `event:<event>` (docs/webhooks.md), `log_in:<way>`, `refused:<reason>`, `mail:<state>`, `sms:<state>`. Hours in which nothing happened are missing. `jobs` counts 10000 of each state at most.",
      tags: ["administration"],
      response: {
        200: Type.Object({
          version: Type.String(),
          now: Type.String(),
          jobs: Counts,
          hours: Type.Array(Type.Object({ from: Type.String(), counts: Counts })),
        }),
      },
    },
    async handler() {
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
    },
  });
}
