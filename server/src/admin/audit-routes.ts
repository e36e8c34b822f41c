import type { Audit } from "../audit/audit.ts";
import { auditLineOf } from "../audit/audit-line.ts";
import { behalfOf } from "../audit/impersonator.ts";
import { userOf } from "../http/authentication.ts";
import type { Api } from "../http/server.ts";
import { nextTurn } from "../kernel/next-turn.ts";
import Type from "../kernel/schema/schema.ts";
import type { Permissions } from "../permissions/permissions.ts";
import { defaultPageSize, masked, pageSize } from "./admin-fields.ts";
import { maskEntry } from "./masked-user.ts";
import { needs } from "./staff.ts";
import { timeOf } from "./time-filter.ts";

const AuditAnswer = Type.Object({
  id: Type.Integer(),
  at: Type.String(),
  actor: Type.Object({ id: Type.Union([Type.Integer(), Type.Null()]), username: Type.String() }),
  /** The account in whose place they did it; null for their own doing. */
  on_behalf_of: Type.Union([Type.Object({ id: Type.Integer(), username: Type.String() }), Type.Null()]),
  action: Type.String(),
  target: Type.Object({ kind: Type.String(), id: Type.Integer(), name: Type.String() }),
  before: Type.Record(Type.String(), Type.Any()),
  after: Type.Record(Type.String(), Type.Any()),
  request_id: Type.Union([Type.String(), Type.Null()]),
});

/** GET /admin/audit/ for staff, and GET /user/permissions/ for everybody about themselves. */
export function auditRoutes(
  api: Api,
  { audit, permissions }: { audit: Audit; permissions: Permissions },
): void {
  api.route({
    method: "GET",
    url: "/admin/audit/",
    config: { ...needs("audit.view_auditentry"), dear: true },
    schema: {
      summary: "Who changed what, newest first",
      tags: ["administration"],
      querystring: Type.Object({
        kind: Type.Optional(Type.String({ maxLength: 30 })),
        target: Type.Optional(Type.Integer()),
        actor: Type.Optional(Type.Integer()),
        action: Type.Optional(
          Type.String({
            maxLength: 60,
            description: "one, such as `user.change`, or a kind, such as `user`",
          }),
        ),
        since: Type.Optional(Type.String({ maxLength: 40, description: "ISO 8601" })),
        before: Type.Optional(Type.Integer({ minimum: 1 })),
        masked,
        limit: pageSize,
      }),
      response: {
        200: Type.Object({
          results: Type.Array(AuditAnswer),
          next: Type.Union([Type.Integer(), Type.Null()], {
            description:
              "`before` of the next page; null at the end. A page may be short and still have one.",
          }),
        }),
      },
    },
    async handler(request) {
      const { limit = defaultPageSize, kind, target, actor, action, since, before } = request.query;
      const { masked: isMasked = false } = request.query;
      const { entries, next } = await audit.list({
        limit,
        beforeId: before,
        targetKind: kind,
        targetId: target,
        actorId: actor,
        ...{ action, since: since === undefined ? undefined : timeOf("since", since) },
      });
      const results = entries.map((entry) => ({
        id: entry.id,
        at: new Date(entry.at).toISOString(),
        actor: { id: entry.actor.id, username: entry.actor.name },
        on_behalf_of: behalfOf(entry),
        action: entry.action,
        target: { kind: entry.targetKind, id: entry.targetId, name: entry.target },
        before: { ...entry.before },
        after: { ...entry.after },
        request_id: entry.actor.requestId,
      }));
      return { results: isMasked ? results.map(maskEntry) : results, next };
    },
  });

  exportRoute(api, audit);

  api.route({
    method: "GET",
    url: "/user/permissions/",
    config: { auth: "required", impersonated: true },
    schema: {
      summary: "The own permissions",
      tags: ["account"],
      response: {
        200: Type.Object({
          is_staff: Type.Boolean(),
          is_superuser: Type.Boolean(),
          permissions: Type.Array(Type.String()),
        }),
      },
    },
    async handler(request) {
      const user = userOf(request);
      const { is_staff, is_superuser } = user;
      return {
        ...{ is_staff: is_staff === 1, is_superuser: is_superuser === 1 },
        permissions: await permissions.all(user),
      };
    },
  });
}

/** So many entries in one turn of the event loop: a thousand of them, made into text, hold everybody up. */
const exportedAtOnce = 250;

async function exportedLines(audit: Pick<Audit, "after">, from: number, limit: number): Promise<string> {
  let text = "";
  for (let after = from, left = limit; ; ) {
    const entries = await audit.after(after, Math.min(left, exportedAtOnce));
    for (const entry of entries) text += `${JSON.stringify(auditLineOf(entry))}\n`;
    left -= entries.length;
    const last = entries.at(-1);
    if (last === undefined || entries.length < exportedAtOnce || left === 0) return text;
    after = last.id;
    await nextTurn();
  }
}

function exportRoute(api: Api, audit: Pick<Audit, "after">): void {
  api.route({
    method: "GET",
    url: "/admin/audit/export/",
    config: { ...needs("audit.view_auditentry"), dear: true },
    schema: {
      summary:
        "The audit log as JSON lines, oldest first, by ids alone; `after`: the `event.id` of the last line you have; empty at the end",
      tags: ["administration"],
      querystring: Type.Object({
        after: Type.Optional(Type.Integer({ minimum: 0 })),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
      }),
    },
    async handler(request, reply) {
      const { after = 0, limit = 1000 } = request.query;
      return reply.type("application/x-ndjson").send(await exportedLines(audit, after, limit));
    },
  });
}
