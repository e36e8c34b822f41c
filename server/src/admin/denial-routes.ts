import { readEnd } from "../accounts/end-time.ts";
import { type Denial, denialKinds } from "../admission/denial-rows.ts";
import type { Denials } from "../admission/denials.ts";
import type { Api } from "../http/server.ts";
import { maskText } from "../kernel/mask.ts";
import Type from "../kernel/schema/schema.ts";
import { administratorOf, needsPerson } from "./staff.ts";

const tags = ["administration"];
const DenialAnswer = Type.Object({
  id: Type.String(),
  kind: Type.Enum([...denialKinds]),
  value: Type.String(),
  reason: Type.String(),
  by: Type.String(),
  created_at: Type.String(),
  until: Type.Union([Type.String(), Type.Null()]),
});

/** /admin/denials/: networks, addresses and domains of mail that are refused. */
export function denialRoutes(api: Api, { denials }: { readonly denials: Denials }): void {
  api.route({
    method: "GET",
    url: "/admin/denials/",
    config: needsPerson("admission.view_denial"),
    schema: {
      summary: "Networks, addresses and domains of mail that are refused",
      ...{ tags, response: { 200: Type.Object({ results: Type.Array(DenialAnswer) }) } },
    },
    handler: async () => ({ results: (await denials.list()).map(render) }),
  });

  api.route({
    method: "POST",
    url: "/admin/denials/",
    config: needsPerson("admission.change_denial"),
    schema: {
      summary: "Refuse a network, an address or a domain of mail; with `until` for a while",
      tags,
      body: Type.Object({
        kind: Type.Enum([...denialKinds]),
        value: Type.String({ minLength: 1, maxLength: 320 }),
        reason: Type.String({ minLength: 4, maxLength: 500 }),
        until: Type.Optional(Type.String({ maxLength: 40, description: "ISO 8601" })),
      }),
      response: { 201: DenialAnswer },
    },
    async handler(request, reply) {
      const { until, ...wanted } = request.body;
      const end = { endsAt: readEnd(until) };
      const made = await denials.add(administratorOf(request), { ...wanted, ...end }, request.ip);
      reply.code(201);
      return render(made);
    },
  });

  api.route({
    method: "DELETE",
    url: "/admin/denials/:denial/",
    config: needsPerson("admission.change_denial"),
    schema: {
      summary: "Refuse it no longer",
      tags,
      params: Type.Object({ denial: Type.String({ maxLength: 22 }) }),
      response: { 204: Type.Null() },
    },
    async handler(request, reply) {
      await denials.remove(administratorOf(request), request.params.denial);
      return reply.code(204).send(null);
    },
  });
}

function render({ id, kind, shown, reason, made_by, created_at, ends_at }: Denial) {
  return {
    ...{ id, kind, value: shown, reason, by: maskText(made_by) },
    created_at: new Date(created_at).toISOString(),
    until: ends_at === null ? null : new Date(ends_at).toISOString(),
  };
}
