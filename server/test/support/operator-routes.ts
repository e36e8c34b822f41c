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
    ...[...webhookRoutes(site), ...serviceRoutes(site), ...looks].map((one) => ({
      ...one,
      forPeople: true as const,
    })),
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
        const delivery = await site().app.webhooks.test(operator, Number(/\d+/.exec(url)![0]));
        return { url: `${url}deliveries/${delivery}/retry/` };
      },
    },
  ];
}

function serviceRoutes(site: () => TestApp): readonly OperatorRoute[] {
  const permission = "services.change_service";
  async function makeService(): Promise<string> {
    const name = fresh();
    // One that may do what every caller may: nobody gives what they don't have.
    const input = { name, scopes: [permission], networks: [], lifeSeconds: null };
    await site().app.services.add(operator, input);
    return `/admin/services/${name}/`;
  }
  return [
    { route: "GET /admin/services/", permission: "services.view_service", status: 200 },
    {
      ...{ route: "POST /admin/services/", permission, status: 201 },
      call: () => ({ payload: { name: fresh(), scopes: [permission] } }),
    },
    {
      ...{ route: "POST /admin/services/:service/rotate/", permission, status: 200 },
      call: async () => ({ url: `${await makeService()}rotate/`, payload: {} }),
    },
    {
      ...{ route: "DELETE /admin/services/:service/", permission, status: 204 },
      call: async () => ({ url: await makeService() }),
    },
  ];
}

const requests = { permission: "rights.view_datarequest", status: 200 };
const looks: readonly OperatorRoute[] = [
  { route: "GET /admin/keys/", permission: "keys.view_signingkey", status: 200 },
  {
    ...{ route: "POST /admin/keys/rotate/", permission: "keys.rotate_signingkey", status: 400 },
    call: () => ({ payload: {} }),
  },
  { route: "GET /admin/providers/", permission: "providers.view_provider", status: 200 },
  {
    ...{
      route: "POST /admin/providers/:provider/check/",
      permission: "providers.check_provider",
      status: 404,
    },
    call: () => ({ url: "/admin/providers/nobodys/check/" }),
  },
  // Nobody told this one how it was started: setting-pages.test.ts does.
  { route: "GET /admin/settings/", permission: "settings.view_setting", status: 404 },
  { route: "POST /admin/doctor/", permission: "settings.view_setting", status: 404 },
  { route: "GET /admin/doctor/", permission: "settings.view_setting", status: 404 },
  { route: "GET /admin/data-requests/deletions/", ...requests },
  { route: "GET /admin/data-requests/exports/", ...requests },
  { route: "GET /admin/data-requests/number-leaves/", ...requests },
  { route: "GET /admin/mails/templates/", permission: "mail.view_template", status: 200 },
  {
    ...{ route: "POST /admin/mails/preview/", permission: "mail.view_template", status: 200 },
    call: () => ({ payload: { template: "register", language: "en" } }),
  },
  {
    ...{ route: "POST /admin/mails/test/", permission: "mail.test_mail", status: 200 },
    call: () => ({ payload: { template: "register", language: "en", to: "try@example.com" } }),
  },
  { route: "GET /admin/sms/templates/", permission: "mail.view_template", status: 200 },
  {
    ...{ route: "POST /admin/sms/test/", permission: "mail.test_mail", status: 200 },
    call: () => ({ payload: { template: "register", language: "en", to: "13800138000" } }),
  },
  { route: "GET /admin/runs/", permission: "runs.view_run", status: 200 },
];

/** Those that ask for a proof: step-up-matrix.test.ts. */
export const operatorChanges = [
  "POST /admin/webhooks/",
  "PATCH /admin/webhooks/:id/",
  "DELETE /admin/webhooks/:id/",
  "POST /admin/webhooks/:id/rotate/",
  "POST /admin/webhooks/:id/test/",
  "POST /admin/webhooks/:id/deliveries/:delivery/retry/",
  "POST /admin/services/",
  "POST /admin/services/:service/rotate/",
  "DELETE /admin/services/:service/",
  "POST /admin/keys/rotate/",
  "POST /admin/mails/test/",
  "POST /admin/sms/test/",
];

/** /users/<id>/deletion/hold/: services alone. */
export const holdRoutes = (["PUT", "DELETE"] as const).map((method) => ({
  ...{ route: `${method} /users/:id/deletion/hold/`, permission: "users.hold_deletion" },
  ...{ expected: [401, 401, 401, 401, 401] as const, ofServices: [404, 403] as const },
  call: () => ({
    url: "/users/999999/deletion/hold/",
    ...(method === "PUT" && { payload: { reason: "open orders", until: "2999-01-01T00:00:00Z" } }),
  }),
}));
