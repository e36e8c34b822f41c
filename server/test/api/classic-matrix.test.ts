import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { declaredPermissions } from "../../src/permissions/declared-permissions.ts";
import { type Classic, startClassic } from "../support/classic.ts";
import {
  type ClassicCaller,
  type ClassicPerson,
  type ClassicRow,
  classicCallers,
  classicRows,
} from "../support/classic-rows.ts";
import { routesOf } from "../support/routes.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/**
 * Every route that CONTRACT=classic adds, by every kind of caller. permission-matrix.test.ts has the others; one that is in
 * neither table fails a test.
 */
let site: Classic;
let plain: TestApp;
let secret: string;
beforeAll(async () => {
  site = await startClassic();
  plain = await startTestApp();
  const scopes = declaredPermissions
    .map(({ app, codename }) => `${app}.${codename}`)
    .filter(
      (name) =>
        !/^auth\.((add|change|delete)_group|add_permission)$|(export|bulk|look_as|impersonate)_user|change_job|_denial$|_block$|_note$/.test(
          name,
        ),
    );
  const operator = { id: null, name: "test", requestId: null };
  const input = { name: "everything", scopes, networks: [], lifeSeconds: null };
  secret = (await site.test.app.services.add(operator, input)).secret;
});
afterAll(async () => {
  await site.test.close();
  await plain.close();
});

async function staffPerson(): Promise<ClassicPerson> {
  const person = await site.person();
  const rights = { is_staff: 1, is_superuser: 1 } as const;
  await site.test.app.db.kysely.updateTable("users").set(rights).where("id", "=", person.id).execute();
  return person;
}

async function statusOf(row: ClassicRow, who: ClassicCaller): Promise<number> {
  const [method, url] = row.route.split(" ") as ["GET", string];
  const owner = await site.person();
  const others = { other: site.person, staff: staffPerson };
  const caller = who === "person" ? owner : who === "other" || who === "staff" ? await others[who]() : null;
  const request: InjectOptions = { method, url, ...(await row.call(owner, caller)) };
  if (caller !== null) return (await site.test.as(caller.token)(request)).statusCode;
  const headers = who === "service" ? { authorization: `Bearer ${secret}` } : {};
  return (await site.test.anonymous({ ...request, headers })).statusCode;
}

const rows = classicRows(() => site);

describe.each(rows.map((row) => [row.route, row] as const))("%s", (_, row) => {
  it.each(classicCallers)("by %s", async (who) => {
    expect(await statusOf(row, who)).toBe(row.expected[who]);
  });
});

const listed = (test: TestApp) =>
  routesOf(test.app.api.printRoutes({ commonPrefix: false })).map((route) => route.join(" "));

it("has a row for every route that the e-mail contract lacks, and none more", async () => {
  const before = new Set(listed(plain));
  const known = new Set(rows.map(({ route }) => route.replace(/(.)\/$/, "$1")));
  expect(known.size, "rows twice").toBe(rows.length);
  const missing: string[] = [];
  for (const route of listed(site.test)) {
    const [method, path] = route.split(" ") as [string, string];
    if (method === "HEAD" || known.delete(route) || before.has(route)) continue;
    // The refusals of other methods, and the answers to preflights.
    const answer = await site.test.anonymous({
      ...{ method: method as "GET", url: path.replaceAll(/:\w+/g, "1") },
    });
    if (answer.statusCode !== 405 && method !== "OPTIONS") missing.push(route);
  }
  expect(missing, "say in support/classic-rows.ts who may call it, and what it asks to prove").toEqual([]);
  expect([...known], "rows without a route").toEqual([]);
});

it("takes away no route of the e-mail contract", () => {
  const now = new Set(listed(site.test));
  expect(listed(plain).filter((route) => !now.has(route))).toEqual([]);
});

it("gives nothing to a guess of what proves itself: an id, a name, a ticket or a link made up", async () => {
  const { id, token } = await site.person();
  const secrets = { password: "another-8Bb", password2: "another-8Bb" };
  for (const made of ["", "x", "x".repeat(43), `${Buffer.from("[1]").toString("base64url")}.x`]) {
    const set = await site.send("POST", `/users/${id}/password/`, { ...secrets, access_token: made }, token);
    expect([made, set.statusCode]).toEqual([made, 400]);
    for (const method of ["GET", "PUT", "POST"] as const) {
      const url = `/emails/verification/?token=${made}`;
      const answer = await site.test.as(token)({ method, url });
      expect([made, method, answer.statusCode]).toEqual([made, method, 400]);
    }
  }
  expect((await site.get("/user/", token)).statusCode).toBe(200);
});
