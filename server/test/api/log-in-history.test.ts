import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson, type Person, password, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** What the owner reads of the log-ins of their account. */
let test: TestApp;
let owner: Person;
beforeAll(async () => {
  test = await startTestApp({ env: { TRUST_PROXY: "1" } });
  owner = await makePerson(test, "python01", { email: "44@qq.com" });
});
afterAll(() => test.close());

const firefox = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" };
const from = (network: string) => ({ ...firefox, "x-forwarded-for": network });
const tryLogIn = (typed: string, network: string) =>
  test.anonymous({
    ...{ method: "POST", url: "/users/authorizations/", headers: from(network) },
    payload: { username: "python01", password: typed },
  });
const read = async (cursor?: string, token = owner.token) => {
  const answer = await test.as(token)({
    ...{ url: "/user/log-ins/", ...(cursor === undefined ? {} : { query: { cursor } }) },
  });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json() as {
    log_ins: Record<string, string | null>[];
    refused: Record<string, string | number>[];
    next: string | null;
  };
};

it("shows when, by what, on which device and from where, and nothing that opens a session", async () => {
  test.clock.advance(10);
  const { token } = (await tryLogIn(password, "203.0.113.77")).json();
  const [newest] = (await read()).log_ins;
  expect(newest).toMatchObject({ way: "password", provider: null, browser: "Firefox", ended_at: null });
  expect(newest!.at).toBe(new Date(test.clock.now()).toISOString());
  expect(newest!.network).toMatch(/^203\.0\.113\b/);
  const { body } = await test.as(owner.token)({ url: "/user/log-ins/" });
  expect(body).not.toContain("203.0.113.77");
  const { sessions } = (await test.as(token)({ url: "/user/sessions/" })).json();
  for (const { id } of sessions as { id: string }[]) expect(body).not.toContain(id);
  await test.as(token)({ method: "DELETE", url: "/user/sessions/current/" });
  expect((await read()).log_ins[0]!.ended_at).toBe(new Date(test.clock.now()).toISOString());
});

it("shows what was refused, how often", async () => {
  for (let time = 0; time < 2; time++) {
    expect((await tryLogIn("not the password", "198.51.100.9")).statusCode).toBe(400);
    test.clock.advance(60);
  }
  await test.app.maintenance.run();
  await expect.poll(async () => (await read()).refused, { timeout: 5000 }).toHaveLength(1);
  const [one] = (await read()).refused;
  expect(one).toMatchObject({ reason: "wrong_password", times: 2 });
  expect(String(one!.network)).not.toContain("100.9");
});

it("goes on page by page, each log-in once, also those of one millisecond", async () => {
  for (let time = 0; time < 25; time++) await tokenOf(test, "python01");
  const { kysely } = test.app.db;
  const count = (await kysely.selectFrom("sessions").select("id").where("user_id", "=", owner.id).execute())
    .length;
  const first = await read();
  expect([first.log_ins.length, first.next === null]).toEqual([20, false]);
  const second = await read(first.next!);
  expect([second.log_ins.length, second.next, second.refused]).toEqual([count - 20, null, []]);
  const times = [...first.log_ins, ...second.log_ins].map(({ at }) => at!);
  expect(times).toEqual(times.toSorted().reverse());
});

it("is the owner's own, and takes no cursor that it did not give", async () => {
  const other = await makePerson(test, "python02");
  expect((await read(undefined, other.token)).log_ins).toHaveLength(1);
  const first = await read();
  expect((await read(first.next!, other.token)).log_ins.length).toBeLessThanOrEqual(1);
  const bad = await test.as(owner.token)({ url: "/user/log-ins/", query: { cursor: "x" } });
  expect([bad.statusCode, Object.keys(bad.json())]).toEqual([400, ["cursor", "message"]]);
  expect((await test.anonymous({ url: "/user/log-ins/" })).statusCode).toBe(401);
});

it("is shown to staff as to its owner, page by page, and to nobody who may not see the account", async () => {
  const boss = await makePerson(test, "rootuser", { is_superuser: 1 });
  const url = `/admin/users/${owner.id}/log-ins/`;
  const first = await test.as(boss.token)({ url });
  expect(first.statusCode, first.body).toBe(200);
  const own = await read();
  expect(first.json()).toEqual({ results: own.log_ins, next: own.next });
  const second = await test.as(boss.token)({ url, query: { cursor: own.next! } });
  expect(second.json().results).toEqual((await read(own.next!)).log_ins);
  expect((await test.as(owner.token)({ url })).statusCode).toBe(403);
  expect((await test.as(boss.token)({ url: "/admin/users/999999/log-ins/" })).statusCode).toBe(404);
  expect((await test.as(boss.token)({ url, query: { cursor: "nonsense" } })).statusCode).toBe(400);
});
