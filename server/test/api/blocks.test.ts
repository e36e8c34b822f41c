import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson, type Person, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Who is kept out by too many tries to log in, and letting them try again. */
let test: TestApp;
let staff: Person;
beforeAll(async () => {
  test = await startTestApp({
    env: { TRUST_PROXY: "1", LOGIN_FAILURE_LIMIT: "10", LOGIN_FAILURE_LIMIT_PER_CLIENT: "12" },
  });
  const permissions = ["log_ins.view_block", "log_ins.change_block", "users.view_user"];
  staff = await makePerson(test, "staffuser", { is_staff: 1, permissions });
});
afterAll(() => test.close());

const logIn = (username: string, given: string, address: string) =>
  test.anonymous({
    ...{ method: "POST", url: "/users/authorizations/", headers: { "x-forwarded-for": address } },
    payload: { username, password: given },
  });
const blocks = async (query: string) =>
  (await test.as(staff.token)({ url: `/admin/blocks/?${query}` })).json();
const unlock = (payload: object) =>
  test.as(staff.token)({
    method: "POST",
    url: "/admin/blocks/unlock/",
    payload: { reason: "called us", ...payload },
  });
const full = async (query: string) =>
  (await blocks(query)).counters.some((one: { full: boolean }) => one.full);

it("shows what a name has used up, with or without an account, and forgets it", async () => {
  const { id } = await makePerson(test, "guessed01");
  for (let n = 0; n < 12; n++) {
    await logIn("guessed01", "wrong", `192.0.2.${n}`);
    await logIn("nobody001", "wrong", `198.51.100.${n}`);
  }
  expect((await blocks("name=guessed01")).user_id).toBe(id);
  for (const name of ["guessed01", "nobody001"]) {
    expect([name, await full(`name=${name}`)]).toEqual([name, true]);
    expect((await unlock({ name })).statusCode).toBe(200);
    expect([name, await full(`name=${name}`)]).toEqual([name, false]);
  }
  expect((await logIn("guessed01", password, "192.0.2.77")).statusCode).toBe(200);
  const { entries } = await test.app.audit.list({ limit: 3 });
  expect(entries.filter(({ action }) => action === "log-in.unlock")).toHaveLength(2);
  expect(JSON.stringify(entries)).not.toContain("nobody001");
});

it("shows what a network has used up at all names, and forgets it", async () => {
  for (let n = 0; n < 14; n++) await logIn(`somename${n}`, "wrong", "203.0.113.9");
  expect(await full("address=203.0.113.9")).toBe(true);
  expect(await full("address=203.0.113.10")).toBe(false);
  expect((await unlock({ address: "203.0.113.9" })).statusCode).toBe(200);
  expect(await full("address=203.0.113.9")).toBe(false);
});

it("lists the refused log-ins of all accounts, masked, page by page", async () => {
  let last = 0;
  for (const name of ["listed001", "listed002"]) {
    last = (await makePerson(test, name)).id;
    await logIn(name, "wrong", "192.0.2.50");
    test.clock.advance(1);
  }
  const page = async (query: string) =>
    (await test.as(staff.token)({ url: `/admin/refusals/?${query}` })).json();
  const newest = async () => (await page("limit=1")).results[0]?.user_id;
  await expect.poll(newest, { timeout: 10_000 }).toBe(last);
  const first = await page("limit=1");
  expect(first.results[0]).toMatchObject({ reason: "wrong_password", network: "192.0.2.*" });
  const second = await page(`limit=1&before=${first.next}`);
  expect(second.results[0].user_id).not.toBe(first.results[0].user_id);
});

it("wants a name or an address, one of them", async () => {
  for (const payload of [{}, { name: "a", address: "192.0.2.1" }, { address: "nowhere" }]) {
    expect((await unlock(payload)).statusCode).toBe(400);
  }
});

it("lists the accounts that somebody is kept out of now, and lets them in by all their names", async () => {
  const { id } = await makePerson(test, "locked001", { email: "locked001@163.com" });
  let status = 0;
  for (let n = 0; n < 60 && status !== 429; n++)
    status = (await logIn("locked001@163.com", "wrong", `198.18.${n}.7`)).statusCode;
  expect(status).toBe(429);
  await makePerson(test, "typist001");
  await logIn("typist001", "wrong", "198.18.0.8");
  const locked = async () =>
    (await test.as(staff.token)({ url: "/admin/blocks/locked/" })).json().results as { user_id: number }[];
  await expect.poll(locked, { timeout: 10_000 }).toHaveLength(1);
  expect((await locked())[0]).toMatchObject({
    ...{
      user_id: id,
      username: "locked001",
      who: ["strangers"],
      networks: [expect.stringMatching(/^198\.18\.\d+\.\*$/)],
    },
  });
  expect((await unlock({ user: id, name: "locked001" })).statusCode).toBe(400);
  expect((await unlock({ user: 999_999 })).statusCode).toBe(404);
  expect((await unlock({ user: id })).statusCode).toBe(200);
  expect(await locked()).toEqual([]);
});

it("forgets nothing of an account that may do more than whoever asks, by whichever name", async () => {
  const boss = await makePerson(test, "boss0001", { is_superuser: 1, email: "boss0001@163.com" });
  const chief = await makePerson(test, "chief001", { is_staff: 1, permissions: ["users.delete_user"] });
  for (const { id, username } of [boss, chief]) {
    for (let n = 0; n < 12; n++) await logIn(username, "wrong", `198.19.0.${n}`);
    for (const payload of [{ name: username.toUpperCase() }, { user: id }]) {
      expect([payload, (await unlock(payload)).statusCode]).toEqual([payload, 403]);
    }
    expect(await full(`name=${username}`)).toBe(true);
  }
  expect((await unlock({ name: "boss0001@163.com" })).statusCode).toBe(403);
  const payload = { reason: "called us", user: chief.id };
  const answer = await test.as(boss.token)({ method: "POST", url: "/admin/blocks/unlock/", payload });
  expect(answer.statusCode).toBe(200);
  expect(await full("name=chief001")).toBe(false);
});

it("pages through refusals of one moment without passing any over", async () => {
  const at = test.clock.now() + 60_000;
  const wanted: number[] = [];
  for (let n = 0; n < 5; n++) {
    const { id } = await makePerson(test, `moment0${n}`);
    const row = { user_id: id, reason: "wrong_password", network: "192.0.2.*", times: 1 };
    await test.app.db.kysely
      .insertInto("log_in_refusals")
      .values({ ...row, refused_at: n < 4 ? at : at + 1 })
      .execute();
    wanted.push(id);
  }
  const seen: number[] = [];
  for (let before: number | null = at + 2; before !== null && before > at; ) {
    const answer = await test.as(staff.token)({ url: `/admin/refusals/?limit=2&before=${before}` });
    const page: { results: { user_id: number }[]; next: number | null } = answer.json();
    seen.push(...page.results.map(({ user_id }) => user_id));
    before = page.next;
  }
  expect(seen.toSorted((a, b) => a - b)).toEqual(wanted);
});
