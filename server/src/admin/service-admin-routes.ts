import type { Api } from "../http/server.ts";
import Type from "../kernel/schema/schema.ts";
import type { Service, Services } from "../services/services.ts";
import type { Limits } from "./administrator.ts";
import { administratorOf, needsPerson } from "./staff.ts";

/**
 * /admin/services/: credentials of other programs of the site. No service may; and nobody makes, renews or ends one that may do
 * what they may not themselves (attack: a credential made for what one was not granted; guard: staff-services.test.ts).
 */
export interface ServiceAdminDeps {
  readonly services: Services;
  readonly limits: Pick<Limits, "mayGrant">;
}

const nullableText = Type.Union([Type.String(), Type.Null()]);
const ServiceFields = {
  id: Type.Integer(),
  name: Type.String(),
  scopes: Type.Array(Type.String()),
  networks: Type.Array(Type.String(), { description: "empty: anywhere" }),
  created: Type.String(),
  expires: nullableText,
  last_used: nullableText,
  old_secret_until: nullableText,
};
const WithSecret = Type.Object({
  ...ServiceFields,
  secret: Type.String({ description: "shown this once" }),
});
const params = Type.Object({ service: Type.String({ maxLength: 50 }) });
const change = needsPerson("services.change_service");
const tags = ["administration"];
const daySeconds = 24 * 3600;

export function serviceAdminRoutes(api: Api, { services, limits }: ServiceAdminDeps): void {
  api.route({
    method: "GET",
    url: "/admin/services/",
    config: needsPerson("services.view_service"),
    schema: {
      summary: "Other programs that may ask, by name; a thousand at most",
      tags,
      response: { 200: Type.Object({ results: Type.Array(Type.Object(ServiceFields)) }) },
    },
    handler: async () => ({ results: (await services.list()).map(render) }),
  });

  api.route({
    method: "POST",
    url: "/admin/services/",
    config: change,
    schema: {
      summary: "Make a credential; its secret is shown this once",
      tags,
      body: Type.Object({
        name: Type.String({ maxLength: 50 }),
        scopes: Type.Array(Type.String({ maxLength: 201 }), { maxItems: 100 }),
        networks: Type.Optional(Type.Array(Type.String({ maxLength: 50 }), { maxItems: 50 })),
        days: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650 })),
      }),
      response: { 201: WithSecret },
    },
    async handler(request, reply) {
      const { name, scopes, networks = [], days } = request.body;
      const actor = administratorOf(request);
      const lifeSeconds = days === undefined ? null : days * daySeconds;
      const made = await services.add(actor, { name, scopes, networks, lifeSeconds }, (asked) =>
        limits.mayGrant(actor, asked),
      );
      reply.code(201);
      return { ...render(made.service), secret: made.secret };
    },
  });

  api.route({
    method: "POST",
    url: "/admin/services/:service/rotate/",
    config: change,
    schema: {
      summary: "Another secret, shown this once; the one before is good for some hours more, by default 24",
      tags,
      params,
      body: Type.Object({ keep_hours: Type.Optional(Type.Integer({ minimum: 0, maximum: 24 * 90 })) }),
      response: { 200: WithSecret },
    },
    async handler(request) {
      const { params: named, body } = request;
      const actor = administratorOf(request);
      const keepSeconds = (body.keep_hours ?? 24) * 3600;
      const made = await services.rotate(actor, named.service, keepSeconds, (scopes) =>
        limits.mayGrant(actor, scopes),
      );
      return { ...render(made.service), secret: made.secret };
    },
  });

  api.route({
    method: "DELETE",
    url: "/admin/services/:service/",
    config: change,
    schema: {
      summary: "Revoke a credential: its secrets end at once",
      tags,
      params,
      response: { 204: Type.Null() },
    },
    async handler(request, reply) {
      const actor = administratorOf(request);
      await services.revoke(actor, request.params.service, (scopes) => limits.mayGrant(actor, scopes));
      return reply.code(204).send(null);
    },
  });
}

const timeOf = (millis: number | null) => (millis === null ? null : new Date(millis).toISOString());

function render({ id, name, scopes, networks, secrets, ...times }: Service) {
  const ends = secrets.flatMap(({ ends_at }) => (ends_at === null ? [] : [ends_at]));
  return {
    ...{ id, name, scopes: [...scopes], networks: [...networks] },
    created: new Date(times.created_at).toISOString(),
    ...{ expires: timeOf(times.expires_at), last_used: timeOf(times.last_used_at) },
    old_secret_until: timeOf(ends.length === 0 ? null : Math.max(...ends)),
  };
}
