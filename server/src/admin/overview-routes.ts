import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import { type OverviewDeps, readOverview } from "./overview.ts";
import { needs } from "./staff.ts";

const Counts = Type.Record(Type.String(), Type.Integer());

/** GET /admin/overview/. */
export function overviewRoutes(api: Api, deps: OverviewDeps): void {
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
    handler: () => readOverview(deps),
  });
}
