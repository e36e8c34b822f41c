import type { Api } from "../http/server.ts";
import { maskText } from "../kernel/mask.ts";
import Type from "../kernel/schema/schema.ts";
import { UserFilterFields } from "./admin-fields.ts";
import type { Bulk } from "./bulk.ts";
import { bulkRunView } from "./bulk-runs.ts";
import { type BulkRun, bulkActions } from "./bulk-store.ts";
import { administratorOf, needsPerson } from "./staff.ts";

const tags = ["administration"];
const shownRuns = 50;
const RunFields = {
  id: Type.String(),
  actor: Type.String(),
  action: Type.Enum([...bulkActions]),
  reason: Type.String(),
  group: Type.Union([Type.Integer(), Type.Null()]),
  total: Type.Integer(),
  started_at: Type.String(),
  finished_at: Type.Union([Type.String(), Type.Null()]),
};
const RunAnswer = Type.Object(RunFields);
const choice = {
  ids: Type.Optional(Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 1000 })),
  filter: Type.Optional(Type.Object(UserFilterFields)),
};

/** Who asked for it may be named by an address. */
const masked = (run: BulkRun) => ({ ...bulkRunView(run), actor: maskText(run.actor) });

/** /admin/users/bulk/: one change of many accounts, for people alone, who may change each of them. */
export function bulkRoutes(api: Api, { bulk }: { readonly bulk: Bulk }): void {
  const config = needsPerson("users.bulk_user");

  api.route({
    method: "POST",
    url: "/admin/users/bulk/count/",
    // It changes nothing.
    config: { ...config, stepUp: "none", dear: true },
    schema: {
      summary: "How many accounts a bulk change would be about",
      tags,
      body: Type.Object(choice),
      response: { 200: Type.Object({ count: Type.Integer() }) },
    },
    handler: async (request) => ({ count: await bulk.count(request.body) }),
  });

  api.route({
    method: "POST",
    url: "/admin/users/bulk/",
    config,
    schema: {
      summary: "Change many accounts in the background; `confirm` is as many as were counted",
      tags,
      body: Type.Object({
        ...choice,
        action: Type.Enum([...bulkActions]),
        reason: Type.String({ minLength: 4, maxLength: 500 }),
        group: Type.Optional(Type.Integer({ minimum: 1 })),
        confirm: Type.Integer({ minimum: 1 }),
      }),
      response: { 202: RunAnswer },
    },
    async handler(request, reply) {
      const run = await bulk.start(administratorOf(request), request.body);
      reply.code(202);
      return masked(run);
    },
  });

  api.route({
    method: "GET",
    url: "/admin/users/bulk/",
    config,
    schema: {
      summary: "The latest bulk changes",
      ...{ tags, response: { 200: Type.Object({ results: Type.Array(RunAnswer) }) } },
    },
    handler: async () => ({ results: (await bulk.list(shownRuns)).map(masked) }),
  });

  api.route({
    method: "GET",
    url: "/admin/users/bulk/:run/",
    config,
    schema: {
      summary: "A bulk change, and what became of its accounts: `done`, `waiting`, or the code of a refusal",
      tags,
      params: Type.Object({ run: Type.String({ maxLength: 22 }) }),
      response: {
        200: Type.Object({ ...RunFields, outcomes: Type.Record(Type.String(), Type.Integer()) }),
      },
    },
    async handler(request) {
      const { run, outcomes } = await bulk.show(request.params.run);
      return { ...masked(run), outcomes: { ...outcomes } };
    },
  });
}
