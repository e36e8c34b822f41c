import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makePerson, type Person, password, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** From the change to the receiver, which judges the signatures by the specification's own library. */
interface Got {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}
type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;
let got: Got[] = [];
let receiver: Server;
let base: string;
let test: TestApp;
let root: Person;
const ok: Behaviour = (_, response) => void response.writeHead(204).end();
let behave = ok;
const lines: string[] = [];
const answers =
  (status: number, headers = {}, body = ""): Behaviour =>
  (_, response) =>
    void response.writeHead(status, headers).end(body);

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => {
      body += piece;
    });
    request.on("end", () => {
      got.push({ path: request.url!, headers: request.headers as Record<string, string>, body });
      behave(request, response);
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  test = await startTestApp({
    env: { WEBHOOK_PRIVATE_HOSTS: "127.0.0.1" },
    logTo: { write: (line) => void lines.push(line) },
  });
  root = await makePerson(test, "rootuser", { is_superuser: 1, email: "root@example.com" });
});
afterAll(async () => {
  await test.close();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});
afterEach(async () => {
  behave = ok;
  for (const { id } of await test.app.webhooks.list()) await test.app.webhooks.remove(operator, id);
  await test.runJobs();
  got = [];
});

const operator = { id: null, name: "op (manage)", requestId: null };
/** Logged in at this moment: the test's clock runs ahead for days. */
const byRoot = async (method: "GET" | "POST" | "PATCH" | "DELETE", url: string, payload?: object) =>
  test.as(await tokenOf(test, root.username))({ method, url, ...(payload === undefined ? {} : { payload }) });
const make = async (path = "/in", events: readonly string[] = []) => {
  const answer = await byRoot("POST", "/admin/webhooks/", { url: `${base}${path}`, events });
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json() as { id: number; secret: string; url: string };
};
const typesOf = () => got.map(({ body }) => JSON.parse(body).type as string);
const deliveriesOf = async (id: number) =>
  (await byRoot("GET", `/admin/webhooks/${id}/deliveries/`)).json().results as {
    id: number;
    type: string;
    state: string;
    attempts: number;
    status: number | null;
    answer: string | null;
    next_attempt: string | null;
    error: string | null;
  }[];
const stateOf = async (id: number) => (await test.app.webhooks.find(id)).state;

describe("what happens is told", () => {
  it("a sign-up and what follows, signed, by ids alone", async () => {
    const { secret } = await make();
    const person = await test.signUp({ username: "python01", email: "python01@example.com" });
    await test.as(person.token)({
      method: "PUT",
      url: "/user/password/",
      payload: {
        current_password: "12345678aA",
        password: "three quiet lanterns",
        password2: "three quiet lanterns",
      },
    });
    await test.runJobs();
    expect(typesOf()).toEqual(["user.created", "password.changed"]);
    for (const one of got) {
      const { type, timestamp, data } = verifiedAt(secret, one) as {
        type: string;
        timestamp: string;
        data: Record<string, unknown>;
      };
      expect([type.length > 0, Number.isNaN(Date.parse(timestamp)), data]).toEqual([
        true,
        false,
        { user_id: person.id, version: expect.any(Number) },
      ]);
      for (const hidden of ["python01", "example.com", "12345678aA", person.token])
        expect(one.body).not.toContain(hidden);
    }
  });

  it("to each endpoint what it asks for; log-ins and entries of the audit log to none unasked", async () => {
    await make("/all");
    await make("/log-ins", ["user.logged_in"]);
    await make("/audit", ["audit.entry", "user.disabled"]);
    const person = await makePerson(test, "python02", { email: "python02@example.com" });
    got = [];
    const payload = { username: "python02", password };
    await test.anonymous({ method: "POST", url: "/authorizations/", payload });
    await byRoot("PATCH", `/admin/users/${person.id}/`, { is_active: false });
    await test.runJobs();
    const told = got.map(({ path, body }) => `${path} ${JSON.parse(body).type}`).sort();
    expect(told).toContain("/log-ins user.logged_in");
    expect(told).toContain("/audit audit.entry");
    expect(told).toContain("/audit user.disabled");
    expect(told).toContain("/all user.disabled");
    expect(told).toContain("/all user.updated");
    expect(told.filter((one) => /^\/all (user\.logged_in|audit)/.test(one))).toEqual([]);
    expect(told.filter((one) => one.startsWith("/log-ins") && !one.endsWith("logged_in"))).toEqual([]);
  });

  it("a change that was undone is told to nobody", async () => {
    await make();
    const answer = await test.anonymous({
      method: "POST",
      url: "/users/",
      payload: {
        username: "python02",
        email: "other@example.com",
        password,
        password2: password,
        email_code: "AAAAAA",
        allow: "true",
      },
    });
    expect(answer.statusCode).toBe(400);
    await test.runJobs();
    expect(got).toEqual([]);
  });

  it("a deleted account by its id, also after nothing is left of it", async () => {
    const { id } = await makePerson(test, "python03", { email: "python03@example.com" });
    await make("/in", ["user.deletion_requested", "user.deleted"]);
    await byRoot("DELETE", `/admin/users/${id}/`, { reason: "asked by its owner" });
    await test.runJobs();
    test.clock.advance(8 * 24 * 3600);
    await test.app.maintenance.run();
    await test.runJobs();
    expect(got.map(({ body }) => [JSON.parse(body).type, JSON.parse(body).data.user_id])).toEqual([
      ["user.deletion_requested", id],
      ["user.deleted", id],
    ]);
  });

  it("what a receiver answers behind an erasure is kept by its status alone", async () => {
    const { id } = await makePerson(test, "python04", { email: "python04@example.com" });
    const { id: endpoint } = await make("/in", ["user.deletion_requested", "user.deleted"]);
    behave = answers(200, {}, "unknown customer python04@example.com");
    await byRoot("DELETE", `/admin/users/${id}/`, { reason: "asked by its owner" });
    await test.runJobs();
    const [before] = await deliveriesOf(endpoint);
    expect(before!.answer).toBe("unknown customer p***@example.com");
    // On its way when the account went: sent, and not yet answered.
    behave = answers(500, {}, "no room for python04@example.com");
    await test.app.db.kysely
      .updateTable("webhook_deliveries")
      .set({ state: "waiting" })
      .where("id", "=", before!.id)
      .execute();
    test.clock.advance(8 * 24 * 3600);
    await test.app.maintenance.run();
    await test.runJobs();
    const after = (await deliveriesOf(endpoint)).map(({ type, status }) => [type, status]);
    expect(after).toEqual([
      ["user.deleted", 500],
      ["user.deletion_requested", 500],
    ]);
    const left = await test.app.db.kysely.selectFrom("webhook_deliveries").selectAll().execute();
    expect(JSON.stringify(left)).not.toContain("python04");
  });
});

describe("the version of an account", () => {
  const versionsOf = () =>
    got
      .map(({ body }) => JSON.parse(body))
      .map(({ type, data }) => ({ type, version: data.version as number }));

  it("grows with every change, says the same in an answer, and is the last one's at the end", async () => {
    await make();
    const { id, token } = await test.signUp({ username: "python11", email: "python11@example.com" });
    const read = async () =>
      (await byRoot("GET", `/admin/users/${id}/`)).json() as { version: number; first_name: string };
    const made = await read();
    await test.as(token)({ method: "PATCH", url: "/user/", payload: { first_name: "三" } });
    const renamed = await read();
    const patched = await byRoot("PATCH", `/admin/users/${id}/`, { last_name: "张" });
    expect(patched.statusCode, patched.body).toBe(200);
    expect(patched.json()).toEqual(await read());
    const { json } = await byRoot("POST", "/admin/groups/", { name: "readers", permissions: [] });
    const grouped = await test.as(await tokenOf(test, root.username))({
      ...{ method: "PUT", url: `/admin/users/${id}/groups/`, payload: { groups: [json().id] } },
    });
    expect(grouped.json()).toEqual(await read());
    await byRoot("DELETE", `/admin/users/${id}/`, { reason: "asked by its owner" });
    test.clock.advance(8 * 24 * 3600);
    await test.app.maintenance.run();
    await test.runJobs();
    const told = versionsOf().toSorted((one, other) => one.version - other.version);
    expect(told.map(({ type }) => type)).toEqual([
      ...["user.created", "user.updated", "user.updated", "user.updated"],
      ...["user.deletion_requested", "user.deleted"],
    ]);
    expect(told.slice(0, 2).map(({ version }) => version)).toEqual([made.version, renamed.version]);
    expect(new Set(told.map(({ version }) => version)).size).toBe(told.length);
  });

  it("arrives with the event that it is of, when a later one arrived long before", async () => {
    const { id: endpoint } = await make("/in", ["user.updated"]);
    const { id } = await makePerson(test, "python12", { email: "python12@example.com" });
    behave = answers(500);
    await byRoot("PATCH", `/admin/users/${id}/`, { first_name: "一" });
    await test.runJobs();
    behave = ok;
    await byRoot("PATCH", `/admin/users/${id}/`, { first_name: "二" });
    await test.runJobs();
    test.clock.advance(10);
    await test.runJobs();
    expect(await deliveriesOf(endpoint)).toMatchObject([{ state: "delivered" }, { state: "delivered" }]);
    const [refused, later, late] = versionsOf();
    expect(late).toEqual(refused);
    expect(later!.version).toBeGreaterThan(late!.version);
    expect((await byRoot("GET", `/admin/users/${id}/`)).json().version).toBe(later!.version);
  });

  it("is larger after a restore than any that was told before it", async () => {
    const { id } = await makePerson(test, "python13", { email: "python13@example.com" });
    await make();
    for (const first_name of ["一", "二"]) await byRoot("PATCH", `/admin/users/${id}/`, { first_name });
    await test.runJobs();
    const before = Math.max(...versionsOf().map(({ version }) => version));
    got = [];
    await test.app.db.kysely.updateTable("users").set({ version: 1 }).where("id", "=", id).execute();
    test.clock.advance(1);
    await byRoot("PATCH", `/admin/users/${id}/`, { first_name: "三" });
    await test.runJobs();
    expect(versionsOf()[0]!.version).toBeGreaterThan(before);
  });

  it("is none of what changes no account, and costs a log-in nothing", async () => {
    await make("/in", ["user.logged_in", "audit.entry", "webhook.test"]);
    const { id } = await makePerson(test, "python14", { email: "python14@example.com" });
    const before = (await test.app.users.byId(id))!.version;
    await test.anonymous({
      ...{ method: "POST", url: "/authorizations/", payload: { username: "python14", password } },
    });
    await byRoot("PATCH", `/admin/users/${root.id}/`, { last_name: "管" });
    await test.runJobs();
    expect(versionsOf().map(({ version }) => version)).toEqual(got.map(() => undefined));
    expect(versionsOf().map(({ type }) => type)).toEqual(
      expect.arrayContaining(["user.logged_in", "audit.entry"]),
    );
    expect((await test.app.users.byId(id))!.version).toBe(before);
  });
});

describe("an endpoint", () => {
  it("shows its secret once; two sign for 24 hours after a rotation", async () => {
    const { id, secret } = await make();
    expect((await byRoot("GET", "/admin/webhooks/")).body).not.toContain(secret);
    const rows = JSON.stringify(
      await test.app.db.kysely.selectFrom("webhook_endpoints").selectAll().execute(),
    );
    expect(rows).not.toContain(secret.slice(6));
    const second = (await byRoot("POST", `/admin/webhooks/${id}/rotate/`, {})).json().secret;
    const third = await byRoot("POST", `/admin/webhooks/${id}/rotate/`, {});
    expect([third.statusCode, third.json().message]).toEqual([400, expect.stringContaining("UTC")]);
    await byRoot("POST", `/admin/webhooks/${id}/test/`);
    await test.runJobs();
    expect(got).toHaveLength(1);
    verifiedAt(secret, got[0]!);
    verifiedAt(second, got[0]!);
    test.clock.advance(24 * 3600 + 1);
    got = [];
    await byRoot("POST", `/admin/webhooks/${id}/test/`);
    await test.runJobs();
    verifiedAt(second, got[0]!);
    expect(() => verifiedAt(secret, got[0]!)).toThrow("No matching signature");
    const leaked = (await byRoot("POST", `/admin/webhooks/${id}/rotate/`, { at_once: true })).json().secret;
    got = [];
    await byRoot("POST", `/admin/webhooks/${id}/test/`);
    await test.runJobs();
    verifiedAt(leaked, got[0]!);
    expect(() => verifiedAt(second, got[0]!)).toThrow("No matching signature");
  });

  it("that fails is tried ten times in 75 hours, with the same id and another time, then given up", async () => {
    const { id } = await make();
    behave = answers(500, {}, "no ".repeat(5000));
    await byRoot("POST", `/admin/webhooks/${id}/test/`);
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 10; attempt++) {
      await test.runJobs();
      expect(got).toHaveLength(attempt);
      const [one] = await deliveriesOf(id);
      expect(one).toMatchObject({
        attempts: attempt,
        status: 500,
        state: attempt < 10 ? "waiting" : "failed",
      });
      expect(one!.answer).toHaveLength(4096);
      if (one!.next_attempt === null) break;
      waits.push(Math.round((Date.parse(one!.next_attempt) - test.clock.now()) / 1000));
      test.clock.advance(waits.at(-1)! + 1);
    }
    const least = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400];
    expect(waits.map((wait, at) => wait >= least[at]! && wait <= least[at]! * 1.1 + 1)).toEqual(
      least.map(() => true),
    );
    expect(new Set(got.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(new Set(got.map(({ headers }) => headers["webhook-timestamp"])).size).toBe(10);
    // By hand it goes again, whatever came of it.
    behave = ok;
    const [failed] = await deliveriesOf(id);
    expect((await byRoot("POST", `/admin/webhooks/${id}/deliveries/${failed!.id}/retry/`)).statusCode).toBe(
      202,
    );
    await test.runJobs();
    expect(await deliveriesOf(id)).toMatchObject([{ state: "delivered", status: 204 }]);
  });

  it("that answers 410 is switched off, with a log and an entry; switched on it is sent what waited", async () => {
    const { id } = await make();
    behave = answers(410);
    await byRoot("POST", `/admin/webhooks/${id}/test/`);
    await test.runJobs();
    expect(await stateOf(id)).toBe("gone");
    expect(lines.filter((line) => line.includes('"alarm":"webhook_off"'))).toHaveLength(1);
    behave = ok;
    test.clock.advance(3600);
    await test.runJobs();
    expect(got).toHaveLength(1);
    const audit = (await byRoot("GET", `/admin/audit/?kind=webhook&target=${id}`)).json().results;
    expect(audit[0]).toMatchObject({ action: "webhook.switched-off", after: { state: "gone" } });
    expect((await byRoot("PATCH", `/admin/webhooks/${id}/`, { is_on: true })).json().state).toBe("on");
    await test.runJobs();
    expect(await deliveriesOf(id)).toMatchObject([{ state: "delivered" }]);
  });

  it("that fails for five days is switched off", async () => {
    const { id } = await make();
    behave = answers(500);
    for (let day = 0; day <= 6; day++) {
      await test.app.webhooks.test(operator, id);
      await test.runJobs();
      test.clock.advance(24 * 3600);
    }
    expect(await stateOf(id)).toBe("failing");
    expect(await test.app.webhooks.states()).toEqual({ on: 0, off: 0, gone: 0, failing: 1 });
  });

  it("that asks for a pause is sent nothing before it is over", async () => {
    const { id } = await make();
    behave = answers(429, { "retry-after": "600" });
    await test.app.webhooks.test(operator, id);
    await test.runJobs();
    behave = ok;
    await test.app.webhooks.test(operator, id);
    test.clock.advance(590);
    await test.runJobs();
    expect(got).toHaveLength(1);
    test.clock.advance(20);
    await test.runJobs();
    expect(got).toHaveLength(3);
  });

  it("is followed nowhere", async () => {
    const { id } = await make();
    behave = (request, response) =>
      request.url === "/in"
        ? answers(302, { location: `${base}/secret` })(request, response)
        : ok(request, response);
    await test.app.webhooks.test(operator, id);
    await test.runJobs();
    expect(got.map(({ path }) => path)).toEqual(["/in"]);
    expect(await deliveriesOf(id)).toMatchObject([
      { state: "waiting", status: 302, error: "redirects are not followed" },
    ]);
  });

  it("is in the audit log with every act upon it, also with a test", async () => {
    const { id } = await make();
    const of = `/admin/webhooks/${id}/`;
    await byRoot("POST", `${of}test/`);
    await test.runJobs();
    const [delivery] = await deliveriesOf(id);
    await byRoot("POST", `${of}deliveries/${delivery!.id}/retry/`);
    await byRoot("POST", `${of}rotate/`, {});
    await byRoot("PATCH", of, { is_on: false });
    await byRoot("DELETE", of);
    const { results } = (await byRoot("GET", `/admin/audit/?kind=webhook&target=${id}`)).json();
    expect(
      results.map(({ action, actor }: { action: string; actor: { id: number } }) => [action, actor.id]),
    ).toEqual(
      ["delete", "change", "rotate", "retry", "test", "create"].map((act) => [`webhook.${act}`, root.id]),
    );
  });

  it("has a list of events that exist", async () => {
    const answer = await byRoot("POST", "/admin/webhooks/", { url: `${base}/`, events: ["user.vanished"] });
    expect([answer.statusCode, answer.body]).toEqual([400, expect.stringContaining("user.vanished")]);
  });
});

/** The library's own clock knows nothing of the test's. */
function verifiedAt(secret: string, one: Got): unknown {
  const { Date: real } = globalThis;
  const seconds = Number(one.headers["webhook-timestamp"]);
  class Then extends real {
    static override now = () => seconds * 1000;
  }
  globalThis.Date = Then as DateConstructor;
  try {
    return new Webhook(secret).verify(one.body, one.headers);
  } finally {
    globalThis.Date = real;
  }
}
