import { eventFacts, eventNames, isAskedFor } from "../events/event-names.ts";
import type { Api } from "../http/server.ts";
import { maskText } from "../kernel/mask.ts";
import Type from "../kernel/schema/schema.ts";
import type { Delivery, Endpoint, Webhooks } from "../webhooks/webhooks.ts";
import { defaultPageSize, idParameters, pageSize } from "./admin-fields.ts";
import { administratorOf, needsPerson } from "./staff.ts";

const nullableText = Type.Union([Type.String(), Type.Null()]);
const nullableId = Type.Union([Type.Integer(), Type.Null()]);

const EndpointFields = {
  id: Type.Integer(),
  url: Type.String(),
  events: Type.Array(Type.String(), { description: "empty: every event that is told unasked" }),
  state: Type.String({
    description: "`on`, `off`, `gone` after a 410, `failing` after five days of failures",
  }),
  created: Type.String(),
  failing_since: nullableText,
  old_secret_until: nullableText,
};
const WithSecret = Type.Object({
  ...EndpointFields,
  secret: Type.String({ description: "shown this once" }),
});

const DeliveryAnswer = Type.Object({
  id: Type.Integer(),
  message_id: Type.String(),
  type: Type.String(),
  state: Type.String({ description: "`waiting`, `sending`, `delivered` or `failed`" }),
  attempts: Type.Integer(),
  next_attempt: nullableText,
  created: Type.String(),
  finished: nullableText,
  status: nullableId,
  answer: Type.Union([Type.String(), Type.Null()], { description: "up to 4 KB of the last answer" }),
  error: nullableText,
  body: Type.String({ description: "what is sent, as it is signed" }),
});

const EventAnswer = Type.Object({
  name: Type.String(),
  zh: Type.String(),
  en: Type.String(),
  by_name_alone: Type.Boolean({ description: "told only to an endpoint that names it" }),
});
/** What an endpoint can ask for, in the words of docs/webhooks.md. */
const knownEvents = eventNames.map((name) => {
  const { zh, en } = eventFacts[name];
  return { name, zh, en, by_name_alone: isAskedFor(name) };
});

const url = Type.String({ minLength: 1, maxLength: 2000 });
const events = Type.Array(Type.String({ maxLength: 60 }), { maxItems: 50 });
const deliveryParameters = Type.Object({
  id: Type.Integer({ minimum: 1 }),
  delivery: Type.Integer({ minimum: 1 }),
});
const tags = ["administration"];
const view = "webhooks.view_webhook";
const change = "webhooks.change_webhook";

/** /admin/webhooks/: where other programs of the site are told what happened. No service may: what it is told it could widen. */
export function webhookAdminRoutes(api: Api, { webhooks }: { readonly webhooks: Webhooks }): void {
  endpointRoutes(api, webhooks);
  secretRoutes(api, webhooks);
  deliveryRoutes(api, webhooks);
}

function endpointRoutes(api: Api, webhooks: Webhooks): void {
  api.route({
    method: "GET",
    url: "/admin/webhooks/",
    config: needsPerson(view),
    schema: {
      summary: "Endpoints that are told what happened",
      tags,
      response: {
        200: Type.Object({
          results: Type.Array(Type.Object(EndpointFields)),
          known_events: Type.Array(EventAnswer),
        }),
      },
    },
    handler: async () => ({ results: (await webhooks.list()).map(render), known_events: knownEvents }),
  });
  api.route({
    method: "POST",
    url: "/admin/webhooks/",
    config: needsPerson(change),
    schema: {
      summary: "Add an endpoint; its secret is shown this once",
      tags,
      body: Type.Object({ url, events: Type.Optional(events) }),
      response: { 201: WithSecret },
    },
    async handler(request, reply) {
      const input = { url: request.body.url, events: request.body.events ?? [] };
      const { endpoint, secret } = await webhooks.add(administratorOf(request), input);
      reply.code(201);
      return { ...render(endpoint), secret };
    },
  });
  api.route({
    method: "PATCH",
    url: "/admin/webhooks/:id/",
    config: needsPerson(change),
    schema: {
      summary: "Change an endpoint, or switch it off and on; what waited is sent when it is on again",
      tags,
      params: idParameters,
      body: Type.Object({
        url: Type.Optional(url),
        events: Type.Optional(events),
        is_on: Type.Optional(Type.Boolean()),
      }),
      response: { 200: Type.Object(EndpointFields) },
    },
    async handler(request) {
      const { is_on: isOn, ...rest } = request.body;
      const { id } = request.params;
      return render(await webhooks.change(administratorOf(request), id, { ...rest, isOn }));
    },
  });
  api.route({
    method: "DELETE",
    url: "/admin/webhooks/:id/",
    config: needsPerson(change),
    schema: {
      summary: "Remove an endpoint, with what was not delivered",
      tags,
      params: idParameters,
      response: { 204: Type.Null() },
    },
    async handler(request, reply) {
      await webhooks.remove(administratorOf(request), request.params.id);
      return reply.code(204).send(null);
    },
  });
}

function secretRoutes(api: Api, webhooks: Webhooks): void {
  api.route({
    method: "POST",
    url: "/admin/webhooks/:id/rotate/",
    config: needsPerson(change),
    schema: {
      summary: "Another secret, shown this once; the one before signs beside it for 24 hours, or ends now",
      tags,
      params: idParameters,
      body: Type.Object({ at_once: Type.Optional(Type.Boolean()) }),
      response: { 200: WithSecret },
    },
    async handler(request) {
      const { params, body } = request;
      const made = await webhooks.rotate(administratorOf(request), params.id, body.at_once ?? false);
      return { ...render(made.endpoint), secret: made.secret };
    },
  });
  api.route({
    method: "POST",
    url: "/admin/webhooks/:id/test/",
    config: needsPerson(change),
    schema: {
      summary: "Send a `webhook.test`; what came of it is among the deliveries",
      tags,
      params: idParameters,
      response: { 202: Type.Object({ delivery: Type.Integer() }) },
    },
    async handler(request, reply) {
      reply.code(202);
      return { delivery: await webhooks.test(administratorOf(request), request.params.id) };
    },
  });
}

function deliveryRoutes(api: Api, webhooks: Webhooks): void {
  api.route({
    method: "GET",
    url: "/admin/webhooks/:id/deliveries/",
    config: { ...needsPerson(view), dear: true },
    schema: {
      summary: "What was sent to an endpoint in the last thirty days, newest first",
      tags,
      params: idParameters,
      querystring: Type.Object({ before: Type.Optional(Type.Integer({ minimum: 1 })), limit: pageSize }),
      response: {
        200: Type.Object({ results: Type.Array(DeliveryAnswer), next: nullableId }),
      },
    },
    async handler(request) {
      const { limit = defaultPageSize, before } = request.query;
      const rows = await webhooks.deliveries(request.params.id, { limit: limit + 1, before });
      const results = rows.slice(0, limit).map(renderDelivery);
      return { results, next: rows.length > limit ? results.at(-1)!.id : null };
    },
  });
  api.route({
    method: "POST",
    url: "/admin/webhooks/:id/deliveries/:delivery/retry/",
    config: needsPerson(change),
    schema: {
      summary: "Send a delivery again, whatever came of it",
      tags,
      params: deliveryParameters,
      response: { 202: Type.Object({ message: Type.String() }) },
    },
    async handler(request, reply) {
      const { id, delivery } = request.params;
      await webhooks.retry(administratorOf(request), id, delivery);
      reply.code(202);
      return { message: "OK" };
    },
  });
}

const timeOf = (millis: number | null) => (millis === null ? null : new Date(millis).toISOString());

function render(one: Endpoint) {
  return {
    ...{ id: one.id, url: one.url, events: [...one.events], state: one.state },
    created: new Date(one.createdAt).toISOString(),
    ...{ failing_since: timeOf(one.failingSince), old_secret_until: timeOf(one.oldSecretUntil) },
  };
}

function renderDelivery(row: Delivery) {
  return {
    ...{ id: Number(row.id), message_id: row.message_id, type: row.type, state: row.state },
    attempts: row.attempts,
    next_attempt: row.state === "waiting" ? timeOf(Number(row.due_at)) : null,
    created: new Date(Number(row.created_at)).toISOString(),
    finished: timeOf(row.finished_at === null ? null : Number(row.finished_at)),
    ...{ status: row.last_status, error: row.last_error, body: row.body },
    // What a receiver writes there is its own; it may repeat an address.
    answer: row.last_answer === null ? null : maskText(row.last_answer),
  };
}
