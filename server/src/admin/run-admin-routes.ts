import type { Audit } from "../audit/audit.ts";
import type { Api } from "../http/server.ts";
import { mask, maskText } from "../kernel/mask.ts";
import Type from "../kernel/schema/schema.ts";
import { defaultPageSize, pageSize } from "./admin-fields.ts";
import { needsPerson } from "./staff.ts";

const RunAnswer = Type.Object({
  id: Type.Integer(),
  at: Type.String(),
  actor: Type.Object({ id: Type.Union([Type.Integer(), Type.Null()]), username: Type.String() }),
  action: Type.String(),
  target: Type.String(),
  facts: Type.Record(Type.String(), Type.Any()),
});

/** GET /admin/runs/: who carried people's data in or out, and when: imports, exports, copies. Of the audit log alone. */
export function runAdminRoutes(api: Api, { audit }: { readonly audit: Pick<Audit, "runs"> }): void {
  api.route({
    method: "GET",
    url: "/admin/runs/",
    config: needsPerson("runs.view_run"),
    schema: {
      summary: "Imports and exports of many accounts, newest first",
      tags: ["administration"],
      querystring: Type.Object({ before: Type.Optional(Type.Integer({ minimum: 1 })), limit: pageSize }),
      response: {
        200: Type.Object({
          results: Type.Array(RunAnswer),
          next: Type.Union([Type.Integer(), Type.Null()]),
        }),
      },
    },
    async handler(request) {
      const { limit = defaultPageSize, before } = request.query;
      const { entries, next } = await audit.runs({ limit, beforeId: before });
      const results = entries.map(({ id, at, actor, action, target, after }) => ({
        ...{ id, at: new Date(at).toISOString(), action, target: maskText(target) },
        actor: { id: actor.id, username: maskText(actor.name) },
        facts: mask(after) as Record<string, unknown>,
      }));
      return { results, next };
    },
  });
}
