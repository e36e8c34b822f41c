import type { InjectOptions } from "fastify";
import type { TestApp } from "./test-app.ts";

const view = "webhooks.view_webhook";
const change = "webhooks.change_webhook";
const operator = { id: null, name: "test", requestId: null };
let count = 0;
const fresh = () => `hook${++count}`;

interface OperatorRoute {
  readonly route: string;
  readonly permission: string;
  /** To whoever has it. */
  readonly status: number;
  /** No service may, whatever its scopes. */
  readonly forPeople?: true;
  readonly call?: () => Promise<Partial<InjectOptions>> | Partial<InjectOptions>;
}

/** What an operator looks at and sets, as permission-matrix.test.ts calls it. */
export function operatorRoutes(site: () => TestApp): readonly OperatorRoute[] {
  return [
    { route: "GET /admin/audit/export/", permission: "audit.view_auditentry", status: 200 },
    ...webhookRoutes(site).map((one) => ({ ...one, forPeople: true as const })),
  ];
}

function webhookRoutes(site: () => TestApp): readonly OperatorRoute[] {
  async function makeEndpoint(): Promise<string> {
    const { webhooks } = site().app;
    // At most fifty at a time.
    for (const { id } of await webhooks.list()) await webhooks.remove(operator, id);
    const { endpoint } = await webhooks.add(operator, { url: `https://shop.example/${fresh()}`, events: [] });
    return `/admin/webhooks/${endpoint.id}/`;
  }
  const on = (suffix: string, payload?: object) => async () => ({
    url: `${await makeEndpoint()}${suffix}`,
    ...(payload === undefined ? {} : { payload }),
  });
  const mayChange = { permission: change };
  const root = "/admin/webhooks/";
  return [
    { route: `GET ${root}`, permission: view, status: 200 },
    {
      ...{ route: `POST ${root}`, ...mayChange, status: 201 },
      call: () => ({ payload: { url: `https://shop.example/${fresh()}` } }),
    },
    { route: `PATCH ${root}:id/`, ...mayChange, status: 200, call: on("", { is_on: false }) },
    { route: `DELETE ${root}:id/`, ...mayChange, status: 204, call: on("") },
    { route: `POST ${root}:id/rotate/`, ...mayChange, status: 200, call: on("rotate/", {}) },
    { route: `POST ${root}:id/test/`, ...mayChange, status: 202, call: on("test/") },
    { route: `GET ${root}:id/deliveries/`, permission: view, status: 200, call: on("deliveries/") },
    {
      ...{ route: `POST ${root}:id/deliveries/:delivery/retry/`, ...mayChange, status: 202 },
      async call() {
        const url = await makeEndpoint();
        const delivery = await site().app.webhooks.test(Number(/\d+/.exec(url)![0]));
        return { url: `${url}deliveries/${delivery}/retry/` };
      },
    },
  ];
}

/** /users/<id>/deletion/hold/: services alone. */
export const holdRoutes = (["PUT", "DELETE"] as const).map((method) => ({
  ...{ route: `${method} /users/:id/deletion/hold/`, permission: "users.hold_deletion" },
  ...{ expected: [401, 401, 401, 401, 401] as const, ofServices: [404, 403] as const },
  call: () => ({
    url: "/users/999999/deletion/hold/",
    ...(method === "PUT" && { payload: { reason: "open orders", until: "2999-01-01T00:00:00Z" } }),
  }),
}));
