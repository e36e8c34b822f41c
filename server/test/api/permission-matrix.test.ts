import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { declaredPermissions } from "../../src/permissions/declared-permissions.ts";
import { createGroups } from "../../src/permissions/groups.ts";
import { avatarEndpoints } from "../support/avatar-endpoints.ts";
import { consentEndpoints } from "../support/consent-endpoints.ts";
import { consoleRows } from "../support/console-rows.ts";
import { type CookiePage, localPage, openPage } from "../support/cookie-page.ts";
import { factorRows } from "../support/factor-rows.ts";
import { claimsOf } from "../support/forged-token.ts";
import { holdRoutes, operatorRoutes } from "../support/operator-routes.ts";
import { grant, makePerson, type Person, password, tokenOf } from "../support/people.ts";
import { routesOf } from "../support/routes.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/**
 * Every endpoint against every kind of caller. A route that is in the server but not in this table fails the
 * test, so nobody can add one without saying who may use it.
 */
type Statuses = readonly [
  anonymous: number,
  user: number,
  staffWithout: number,
  staffWith: number,
  root: number,
];
interface Endpoint {
  readonly route: string;
  readonly permission?: string;
  readonly expected: Statuses;
  /** No service may, whatever its scopes. */
  readonly forPeople?: true;
  /** With every scope, and with another, where that does not follow from the rest. */
  readonly ofServices?: readonly [number, number];
  /** Nobody looks at the header, so a service is like everybody. */
  readonly ignoresHeader?: true;
  /** The call ends the caller's own tokens. */
  readonly endsTokens?: boolean;
  /** Makes what the call is about, afresh for each caller. */
  readonly call?: () => Promise<Partial<InjectOptions>> | Partial<InjectOptions>;
}

let server: TestApp;
let user: Person;
let staff: Person;
let root: Person;
/** Of a service that has every scope, and of one that has another than what is asked for. */
let secrets: Record<"all" | "other", string>;
let count = 0;
let numbers = 0;

beforeAll(async () => {
  const MAIL_EVENTS_SECRET = `whsec_${Buffer.alloc(32).toString("base64")}`;
  const smsEvents = { SMS_EVENTS_SECRET: MAIL_EVENTS_SECRET, SMS_EVENTS_TOKEN: "a-token-of-the-operator" };
  server = await startTestApp({ env: { MAIL_EVENTS_SECRET, ...smsEvents } });
  user = await makePerson(server, "plainuser");
  staff = await makePerson(server, "staffuser", { is_staff: 1 });
  root = await makePerson(server, "rootuser", { is_superuser: 1 });
  const every = declaredPermissions.map(({ app, codename }) => `${app}.${codename}`);
  const scopes = every.filter(
    (name) =>
      !/^auth\.((add|change|delete)_group|add_permission)$|export_user|change_job|bulk_user|look_as_user|impersonate_user|_note$|_denial$|_block$/.test(
        name,
      ),
  );
  secrets = { all: await secretWith(scopes), other: await secretWith(["users.delete_user"]) };
});
afterAll(() => server.close());

async function secretWith(scopes: readonly string[]): Promise<string> {
  const operator = { id: null, name: "test", requestId: null };
  const input = { name: fresh(), scopes, networks: [], lifeSeconds: null };
  return (await server.app.services.add(operator, input)).secret;
}

const fresh = () => `fresh${++count}`;
const somebody = async () => makePerson(server, fresh(), { email: `${fresh()}@example.com` });
const someGroup = () =>
  createGroups({ db: server.app.db }).add(server.app.db, { name: fresh(), permissions: [] });
const onUser = (suffix: string, payload?: object) => async () => ({
  url: `/admin/users/${(await somebody()).id}/${suffix}`,
  payload,
});
const onGroup = (payload?: object) => async () => ({
  url: `/admin/groups/${(await someGroup()).id}/`,
  payload,
});

const onInvitation = async () => {
  const nobody = { id: null, name: "test", requestId: null };
  const input = { email: null, groupId: null, maxUses: 1, lifeSeconds: 60 };
  const { row } = await server.app.invitations.add(nobody, input);
  return { url: `/admin/invitations/${row.id}/` };
};

const everybody = (status: number): Statuses => [status, status, status, status, status];
const loggedIn: Statuses = [401, 200, 200, 200, 200];
const staffWith = (status: number): Statuses => [401, 403, 403, status, status];

const matrix: readonly Endpoint[] = [
  { route: "GET /test/", expected: everybody(200) },
  {
    ...{ route: "GET /mails/previews/:ticket/", ignoresHeader: true, expected: everybody(404) },
    call: () => ({ url: "/mails/previews/nobodys/" }),
  },
  { route: "GET /healthz", ignoresHeader: true, expected: everybody(200) },
  { route: "GET /readyz", ignoresHeader: true, expected: everybody(200) },
  { route: "GET /.well-known/jwks.json", ignoresHeader: true, expected: everybody(200) },
  ...["/users/usernames/:username/count/", "/usernames/:username/count/"].map((path) => ({
    route: `GET ${path}`,
    expected: everybody(200),
    call: () => ({ url: path.replace(":username", "somebody") }),
  })),
  ...["/users/emails/:email/count/", "/emails/:email/count/"].map((path) => ({
    route: `GET ${path}`,
    expected: everybody(200),
    call: () => ({ url: path.replace(":email", "a@example.com") }),
  })),
  ...["/verifications/email_codes/:email/", "/email_codes/:email/"].map((path) => ({
    route: `GET ${path}`,
    expected: everybody(200),
    call: () => ({ url: path.replace(":email", `${fresh()}@example.com`) }),
  })),
  ...["/verifications/sms_codes/:mobile/", "/sms_codes/:mobile/"].map((path) => ({
    route: `GET ${path}`,
    expected: loggedIn,
    forPeople: true as const,
    call: () => ({
      url: `${path.replace(":mobile", `138${String(++numbers).padStart(8, "0")}`)}?send_type=changeMobile`,
    }),
  })),
  { route: "POST /users/", expected: everybody(400) },
  { route: "POST /setup/superuser/", ignoresHeader: true, expected: everybody(400) },
  { route: "POST /users/password/", expected: everybody(400) },
  { route: "POST /users/invitations/", expected: everybody(400) },
  // A mail service is known by its signature alone.
  { route: "POST /mails/events/", ignoresHeader: true, expected: everybody(403) },
  { route: "POST /sms/events/", ignoresHeader: true, expected: everybody(403) },
  // The token in its address is what such a vendor is known by.
  {
    ...{ route: "POST /sms/events/:token/", ignoresHeader: true, expected: everybody(403) },
    call: () => ({ url: "/sms/events/another-token/" }),
  },
  { route: "POST /users/authorizations/", ignoresHeader: true, expected: everybody(400) },
  { route: "POST /authorizations/", ignoresHeader: true, expected: everybody(400) },
  { route: "GET /user/", expected: loggedIn },
  { route: "GET /users/user/detail/", expected: loggedIn },
  { route: "PATCH /user/", expected: loggedIn, call: () => ({ payload: { first_name: "三" } }) },
  { route: "PUT /user/password/", expected: [401, 400, 400, 400, 400] },
  { route: "PUT /user/email/", expected: [401, 400, 400, 400, 400] },
  { route: "PUT /user/mobile/", expected: [401, 400, 400, 400, 400] },
  { route: "POST /user/mobile/leave/", expected: [401, 403, 403, 403, 403] },
  ...["GET", "DELETE"].map((method) => ({ route: `${method} /user/mobile/leave/`, expected: loggedIn })),
  { route: "PUT /user/username/", expected: [401, 400, 400, 400, 400] },
  { route: "GET /.well-known/change-password", expected: everybody(302) },
  // Nothing is listed here.
  { route: "GET /.well-known/webauthn", expected: everybody(404) },
  {
    route: "POST /token/introspect/",
    permission: "sessions.introspect_token",
    // Services alone: a person's token is none of theirs.
    expected: [401, 401, 401, 401, 401],
    ofServices: [200, 403],
    call: () => ({ payload: { token: root.token } }),
  },
  { route: "POST /user/tokens/end/", expected: loggedIn, endsTokens: true },
  { route: "POST /user/tokens/refresh/", ignoresHeader: true, expected: everybody(400) },
  ...["", "/api"].flatMap((prefix) =>
    ["", "refresh/", "verify/", "blacklist/"].map((end) => ({
      route: `POST ${prefix}/token/${end}`,
      ignoresHeader: true as const,
      expected: everybody(400),
    })),
  ),
  { route: "POST /user/sessions/disown/", ignoresHeader: true, expected: everybody(400) },
  ...["sessions/", "log-ins/"].map((end) => ({ route: `GET /user/${end}`, expected: loggedIn })),
  { route: "DELETE /user/sessions/", expected: loggedIn },
  { route: "DELETE /user/sessions/current/", expected: [401, 204, 204, 204, 204], endsTokens: true },
  {
    route: "DELETE /user/sessions/:session/",
    expected: [401, 404, 404, 404, 404],
    call: () => ({ url: "/user/sessions/nobodys/" }),
  },
  ...["", "confirm/", "passkey/", "passkey/confirm/"].map((end) => ({
    route: `POST /users/second-factor/enrolment/${end}`,
    ignoresHeader: true as const,
    expected: everybody(400),
  })),
  { route: "GET /user/remembered-devices/", expected: loggedIn },
  {
    route: "DELETE /user/remembered-devices/:device/",
    expected: [401, 404, 404, 404, 404],
    call: () => ({ url: "/user/remembered-devices/nobodys/" }),
  },
  { route: "GET /user/permissions/", expected: loggedIn },
  { route: "GET /user/consents/", expected: loggedIn },
  ...avatarEndpoints,
  {
    route: "POST /user/export/",
    expected: [401, 202, 202, 202, 202],
    // Once a day for each, and the callers are few.
    call: async () => {
      await server.app.db.kysely.deleteFrom("data_exports").execute();
      return {};
    },
  },
  { route: "GET /user/export/", expected: loggedIn },
  {
    route: "GET /user/export/:export/",
    expected: [401, 404, 404, 404, 404],
    call: () => ({ url: "/user/export/nobodys/" }),
  },
  { route: "POST /user/deletion/", expected: [401, 400, 400, 400, 400], call: () => ({ payload: {} }) },
  { route: "POST /user/joining/offer/", expected: [401, 201, 201, 201, 201] },
  ...["", "ticket/", "preview/"].map((end) => ({
    ...{ route: `POST /user/joining/${end}`, expected: [401, 400, 400, 400, 400] as const },
    call: () => ({
      payload: { ticket: "nobodys", digest: "none", offer: "nobodys", current_password: password },
    }),
  })),
  {
    route: "POST /users/deletion/cancel/",
    ignoresHeader: true,
    expected: everybody(400),
    call: () => ({ payload: { step: "nobodys" } }),
  },
  ...consentEndpoints,
  { route: "GET /user/reauthentication/", expected: loggedIn },
  {
    route: "POST /user/reauthentication/",
    expected: loggedIn,
    call: () => ({ payload: { password } }),
  },
  ...["email-code", "authorization"].map((end) => ({
    route: `POST /user/reauthentication/${end}/`,
    // Nobody here has a confirmed address or a third party.
    expected: [401, 403, 403, 403, 403] as const,
    call: () => ({ payload: end === "email-code" ? { action: "email" } : { provider: "github" } }),
  })),
  { route: "POST /users/codes/sign-in/", ignoresHeader: true, expected: everybody(400) },
  ...factorRows,
  { route: "GET /user/bindings/", expected: loggedIn },
  {
    route: "POST /user/bindings/:provider/",
    expected: [401, 400, 400, 400, 400],
    call: () => ({ url: "/user/bindings/github/", payload: {} }),
  },
  {
    route: "DELETE /user/bindings/:provider/",
    expected: [401, 404, 404, 404, 404],
    call: () => ({ url: "/user/bindings/github/" }),
  },
  { route: "GET /oauth/providers/", expected: everybody(200) },
  {
    route: "POST /oauth/callback/:provider/",
    expected: everybody(303),
    ignoresHeader: true,
    call: () => ({
      url: "/oauth/callback/apple/",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      payload: "code=c&state=s",
    }),
  },
  ...["GET authorization", "POST account", "GET user", "POST user"].map((name) => {
    const [method, end] = name.split(" ");
    // Nothing is configured here: what is asked is that everybody gets the same answer.
    const expected = everybody(end === "authorization" ? 503 : 400);
    const url = `/oauth/github/${end}/`;
    const ignored = end === "authorization" ? {} : ({ ignoresHeader: true } as const);
    return { route: `${method} /oauth/:provider/${end}/`, expected, ...ignored, call: () => ({ url }) };
  }),

  {
    route: "POST /admin/users/",
    permission: "users.add_user",
    expected: staffWith(201),
    call: () => ({ payload: { username: fresh(), email: `${fresh()}@example.com` } }),
  },
  ...consoleRows(staffWith, onUser),
  {
    route: "POST /admin/invitations/",
    permission: "users.add_user",
    forPeople: true,
    expected: staffWith(201),
    call: () => ({ payload: {} }),
  },
  {
    route: "DELETE /admin/invitations/:id/",
    permission: "users.add_user",
    forPeople: true,
    expected: staffWith(204),
    call: onInvitation,
  },
  {
    route: "GET /admin/users/:id/",
    permission: "users.view_user",
    expected: staffWith(200),
    call: onUser(""),
  },
  {
    route: "PATCH /admin/users/:id/",
    permission: "users.change_user",
    expected: staffWith(200),
    call: onUser("", { first_name: "三" }),
  },
  {
    route: "DELETE /admin/users/:id/",
    permission: "users.delete_user",
    forPeople: true,
    expected: staffWith(202),
    call: onUser("", { reason: "asked by mail" }),
  },
  {
    route: "PUT /admin/users/:id/groups/",
    permission: "users.change_user",
    expected: staffWith(200),
    call: onUser("groups/", { groups: [] }),
  },
  {
    route: "PUT /admin/users/:id/permissions/",
    permission: "users.change_user",
    forPeople: true,
    expected: staffWith(200),
    call: onUser("permissions/", { permissions: [] }),
  },
  {
    route: "POST /admin/users/:id/end-tokens/",
    permission: "users.change_user",
    expected: staffWith(200),
    call: onUser("end-tokens/"),
  },
  {
    route: "POST /admin/users/:id/second-factor/reset/",
    permission: "users.change_user",
    forPeople: true,
    expected: staffWith(200),
    async call() {
      const { id, username } = await somebody();
      await switchOnSecondFactor(server, username);
      return { url: `/admin/users/${id}/second-factor/reset/`, payload: { reason: "lost the phone" } };
    },
  },
  {
    route: "GET /admin/users/:id/sessions/",
    permission: "users.view_user",
    expected: staffWith(200),
    call: onUser("sessions/"),
  },
  {
    route: "GET /admin/users/:id/log-ins/",
    permission: "users.view_user",
    expected: staffWith(200),
    call: onUser("log-ins/"),
  },
  {
    route: "DELETE /admin/users/:id/sessions/:session/",
    permission: "users.change_user",
    expected: staffWith(204),
    async call() {
      const { id, token } = await somebody();
      return { url: `/admin/users/${id}/sessions/${claimsOf(token).sid}/` };
    },
  },
  {
    route: "POST /admin/users/:id/password-reset/",
    permission: "users.change_user",
    forPeople: true,
    expected: staffWith(200),
    call: onUser("password-reset/"),
  },
  ...holdRoutes,
  ...operatorRoutes(() => server).map(({ status, ...one }) => ({ ...one, expected: staffWith(status) })),
  {
    route: "POST /admin/groups/",
    permission: "auth.add_group",
    forPeople: true,
    expected: staffWith(201),
    call: () => ({ payload: { name: fresh() } }),
  },
  {
    route: "GET /admin/groups/:id/",
    permission: "auth.view_group",
    expected: staffWith(200),
    call: onGroup(),
  },
  {
    route: "PATCH /admin/groups/:id/",
    permission: "auth.change_group",
    forPeople: true,
    expected: staffWith(200),
    call: onGroup({ permissions: [] }),
  },
  {
    route: "DELETE /admin/groups/:id/",
    permission: "auth.delete_group",
    forPeople: true,
    expected: staffWith(204),
    call: onGroup(),
  },
  {
    route: "POST /admin/permissions/",
    permission: "auth.add_permission",
    forPeople: true,
    expected: staffWith(201),
    call: () => ({ payload: { app: "mall", codename: fresh(), name: "Can test" } }),
  },
];

/** Who calls with a session in a cookie, by their names. */
const pages = new Map<string, CookiePage>();

async function pageOf({ username }: Person): Promise<CookiePage> {
  const page = pages.get(username) ?? openPage(server, server.anonymous, localPage);
  if (page.session() === undefined) await page.logIn(username);
  pages.set(username, page);
  return page;
}

async function statuses(endpoint: Endpoint, by: "token" | "cookie"): Promise<number[]> {
  const [method, path] = endpoint.route.split(" ") as ["GET", string];
  const found: number[] = [];
  const callers: [Person | null, readonly string[]][] = [
    [null, []],
    [user, []],
    [staff, []],
    [staff, endpoint.permission ? [endpoint.permission] : []],
    [root, []],
  ];
  for (const [caller, permissions] of callers) {
    await grant(server, staff.id, permissions);
    // What a permission is worth without being staff is asked with the ordinary user.
    await grant(server, user.id, endpoint.permission ? [endpoint.permission] : []);
    const request = { method, url: path, ...(await endpoint.call?.()) };
    const page = caller === null || by === "token" ? null : await pageOf(caller);
    const call = page?.call ?? (caller === null ? server.anonymous : server.as(caller.token));
    const answer = await call(request);
    found.push(answer.statusCode);
    if (endpoint.endsTokens && caller !== null) {
      caller.token = await tokenOf(server, caller.username);
      pages.delete(caller.username);
    }
  }
  return found;
}

/** With every scope, and with another one. */
async function serviceStatuses(endpoint: Endpoint): Promise<number[]> {
  const [method, path] = endpoint.route.split(" ") as ["GET", string];
  const found: number[] = [];
  for (const secret of [secrets.all, secrets.other]) {
    const headers = { authorization: `Bearer ${secret}` };
    const request = { method, url: path, headers, ...(await endpoint.call?.()) };
    found.push((await server.anonymous(request)).statusCode);
  }
  return found;
}

function expectedOfServices(endpoint: Endpoint): readonly number[] {
  const { expected, permission, forPeople, ignoresHeader, ofServices } = endpoint;
  if (ofServices) return ofServices;
  if (ignoresHeader) return [expected[0], expected[0]];
  return [permission === undefined || forPeople ? 403 : expected[3], 403];
}

describe.each(["token", "cookie"] as const)("every endpoint by every caller with a %s", (by) => {
  test.each(matrix.map((endpoint) => [endpoint.route, endpoint] as const))("%s", async (_, endpoint) => {
    expect(await statuses(endpoint, by)).toEqual(endpoint.expected);
    if (by === "token") {
      expect(await serviceStatuses(endpoint), "services").toEqual(expectedOfServices(endpoint));
    }
  });
});

test("no route is missing from the table", async () => {
  const known = new Set(matrix.map(({ route }) => route.replace(/(.)\/$/, "$1")));
  const routes = routesOf(server.app.api.printRoutes({ commonPrefix: false })).filter(
    ([method, path]) => method !== "HEAD" && !path.startsWith("/docs"),
  );
  const missing: string[] = [];
  for (const [method, path] of routes) {
    if (known.delete(`${method} ${path}`)) continue;
    // The only routes beside the table's are the refusals of other methods.
    const answer = await server.anonymous({ method: method as "GET", url: path.replaceAll(/:\w+/g, "1") });
    if (answer.statusCode !== 405 && !(method === "OPTIONS" && answer.statusCode === 204)) {
      missing.push(`${method} ${path} answers ${answer.statusCode}`);
    }
  }
  expect(missing).toEqual([]);
  expect([...known], "rows without a route").toEqual([]);
});
