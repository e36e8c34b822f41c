import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createGroups } from "../../src/permissions/groups.ts";
import { grant, makePerson, type Person, tokenOf } from "../support/people.ts";
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
  /** The call ends the caller's own tokens. */
  readonly endsTokens?: boolean;
  /** Makes what the call is about, afresh for each caller. */
  readonly call?: () => Promise<Partial<InjectOptions>> | Partial<InjectOptions>;
}

let server: TestApp;
let user: Person;
let staff: Person;
let root: Person;
let count = 0;

beforeAll(async () => {
  server = await startTestApp();
  user = await makePerson(server, "plainuser");
  staff = await makePerson(server, "staffuser", { is_staff: 1 });
  root = await makePerson(server, "rootuser", { is_superuser: 1 });
});
afterAll(() => server.close());

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

const everybody = (status: number): Statuses => [status, status, status, status, status];
const loggedIn: Statuses = [401, 200, 200, 200, 200];
const staffWith = (status: number): Statuses => [401, 403, 403, status, status];

const matrix: readonly Endpoint[] = [
  { route: "GET /test/", expected: everybody(200) },
  { route: "GET /healthz", expected: everybody(200) },
  { route: "GET /readyz", expected: everybody(200) },
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
  { route: "POST /users/", expected: everybody(400) },
  { route: "POST /users/password/", expected: everybody(400) },
  { route: "POST /users/authorizations/", expected: everybody(400) },
  { route: "POST /authorizations/", expected: everybody(400) },
  { route: "GET /user/", expected: loggedIn },
  { route: "GET /users/user/detail/", expected: loggedIn },
  { route: "PATCH /user/", expected: loggedIn, call: () => ({ payload: { first_name: "三" } }) },
  { route: "PUT /user/password/", expected: [401, 400, 400, 400, 400] },
  { route: "PUT /user/email/", expected: [401, 400, 400, 400, 400] },
  { route: "POST /user/tokens/end/", expected: loggedIn, endsTokens: true },
  { route: "GET /user/permissions/", expected: loggedIn },
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
  ...["GET authorization", "POST account", "GET user", "POST user"].map((name) => {
    const [method, end] = name.split(" ");
    // Nothing is configured here: what is asked is that everybody gets the same answer.
    const expected = everybody(end === "authorization" ? 503 : 400);
    const url = `/oauth/github/${end}/`;
    return { route: `${method} /oauth/:provider/${end}/`, expected, call: () => ({ url }) };
  }),

  { route: "GET /admin/users/", permission: "users.view_user", expected: staffWith(200) },
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
    route: "PUT /admin/users/:id/groups/",
    permission: "users.change_user",
    expected: staffWith(200),
    call: onUser("groups/", { groups: [] }),
  },
  {
    route: "PUT /admin/users/:id/permissions/",
    permission: "users.change_user",
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
    route: "POST /admin/users/:id/password-reset/",
    permission: "users.change_user",
    expected: staffWith(200),
    call: onUser("password-reset/"),
  },
  { route: "GET /admin/groups/", permission: "auth.view_group", expected: staffWith(200) },
  {
    route: "POST /admin/groups/",
    permission: "auth.add_group",
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
    expected: staffWith(200),
    call: onGroup({ permissions: [] }),
  },
  {
    route: "DELETE /admin/groups/:id/",
    permission: "auth.delete_group",
    expected: staffWith(204),
    call: onGroup(),
  },
  { route: "GET /admin/permissions/", permission: "auth.view_permission", expected: staffWith(200) },
  {
    route: "POST /admin/permissions/",
    permission: "auth.add_permission",
    expected: staffWith(201),
    call: () => ({ payload: { app: "mall", codename: fresh(), name: "Can test" } }),
  },
  { route: "GET /admin/audit/", permission: "audit.view_auditentry", expected: staffWith(200) },
];

async function statuses(endpoint: Endpoint): Promise<number[]> {
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
    const answer = await (caller === null ? server.anonymous : server.as(caller.token))(request);
    found.push(answer.statusCode);
    if (endpoint.endsTokens && caller !== null) caller.token = await tokenOf(server, caller.username);
  }
  return found;
}

describe("every endpoint by every caller", () => {
  test.each(matrix.map((endpoint) => [endpoint.route, endpoint] as const))("%s", async (_, endpoint) => {
    expect(await statuses(endpoint)).toEqual(endpoint.expected);
  });
});

/** Fastify's routing tree as [method, path] pairs, paths without the slash at their end. */
function routesOf(tree: string): [string, string][] {
  const found: [string, string][] = [];
  const parts: string[] = [];
  for (const line of tree.split("\n")) {
    const [, indent, part, methods] = /^([│├└─ ]*)(.*?)(?: \(([A-Z, ]+)\))?$/.exec(line)!;
    if (part === "") continue;
    parts.length = indent!.length / 4;
    parts.push(part!);
    const path = parts.join("").replace(/(.)\/$/, "$1");
    for (const method of methods?.split(", ") ?? []) found.push([method, path]);
  }
  return found;
}

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
