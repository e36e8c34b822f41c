import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson, type Person } from "../support/people.ts";
import { siteCommands } from "../support/site-commands.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** `manage log-ins`: what the console's page of log-ins and blocks shows. */
let site: TestApp;
let root: Person;
beforeAll(async () => {
  site = await startTestApp({
    env: { TRUST_PROXY: "1", LOGIN_FAILURE_LIMIT: "10", LOGIN_FAILURE_LIMIT_PER_CLIENT: "12" },
  });
  root = await makePerson(site, "rootuser", { is_superuser: 1 });
});
afterAll(() => site.close());
const { run, json, entriesBy } = siteCommands(() => site);
const logIn = (username: string, address: string) =>
  site.anonymous({
    ...{ method: "POST", url: "/users/authorizations/", headers: { "x-forwarded-for": address } },
    payload: { username, password: "wrong" },
  });
const answered = async (url: string) => (await site.as(root.token)({ url })).json();
const isFull = async (whose: string) =>
  (await json(`log-ins counters ${whose}`)).counters.some((one: { full: boolean }) => one.full);

it("counters: what a name or a network has used up, as the console has it, until unlock", async () => {
  const { id } = await makePerson(site, "guessed01");
  for (let n = 0; n < 14; n++) {
    await logIn("guessed01", `192.0.2.${n}`);
    await logIn(`somename${n}`, "203.0.113.9");
  }
  const ofName = await json("log-ins counters guessed01");
  expect(ofName).toEqual(await answered("/admin/blocks/?name=guessed01"));
  expect(ofName.user_id).toBe(id);
  expect(await json("log-ins counters 203.0.113.9")).toEqual(
    await answered("/admin/blocks/?address=203.0.113.9"),
  );
  const { out } = await run("log-ins counters guessed01");
  expect(out).toMatch(new RegExp(`^#${id}\n`));
  expect(out).toMatch(/^devices that never logged in to it {2}login {2}10\/10 {2}1 h {2}full$/m);
  expect((await run("log-ins counters 203.0.113.9", "zh")).out).toMatch(/^这个网络 .* {2}已满$/m);
  for (const whose of ["guessed01", "203.0.113.9"]) {
    expect([whose, await isFull(whose)]).toEqual([whose, true]);
    await run(`unlock ${whose} --reason because`);
    expect([whose, await isFull(whose)]).toEqual([whose, false]);
  }
  // Looking leaves no trace; letting in again does.
  expect((await entriesBy(9)).map(({ action }) => action)).toEqual(["log-in.unlock", "log-in.unlock"]);
  expect(await json("log-ins counters nobody-here")).toMatchObject({ user_id: null });
});

it("refused: those of all accounts, masked, page by page", async () => {
  await makePerson(site, "z@example.com", {});
  for (const name of ["listed001", "z@example.com"]) {
    if (name !== "z@example.com") await makePerson(site, name);
    await logIn(name, "192.0.2.50");
    site.clock.advance(1);
  }
  const newest = async () => (await json("log-ins refused --limit 1")).results[0]?.username;
  await expect.poll(newest, { timeout: 10_000 }).toBe("z***@example.com");
  const first = await json("log-ins refused --limit 1");
  expect(first).toEqual(await answered("/admin/refusals/?limit=1"));
  const second = await json(`log-ins refused --limit 1 --before ${first.next}`);
  // All of that moment: the clock stood still while the name above was guessed at.
  expect(second.results).toContainEqual(
    expect.objectContaining({
      username: "listed001",
      reason: "wrong_password",
      network: "192.0.2.*",
      times: 1,
    }),
  );
  const { out } = await run("log-ins refused --limit 1");
  expect(out).toMatch(/z\*\*\*@example\.com {2}wrong password {2}192\.0\.2\.\* {2}×1\n/);
  expect(out).toContain(`--before ${first.next}`);
  expect((await run("log-ins refused --before 1", "zh")).out).toBe("没有。\n");
});

it("locked: who is kept out now, as the console has it, until unlock lets them in by all their names", async () => {
  const { id } = await makePerson(site, "locked001", { email: "locked001@163.com" });
  let status = 0;
  for (let n = 0; n < 60 && status !== 429; n++)
    status = (await logIn("locked001@163.com", `198.18.${n}.7`)).statusCode;
  expect(status).toBe(429);
  // The command has processes of its own; what this one gathered is written after some seconds.
  await expect.poll(async () => (await json("log-ins locked")).results, { timeout: 10_000 }).toHaveLength(1);
  const found = await json("log-ins locked");
  expect(found).toEqual(await answered("/admin/blocks/locked/"));
  expect(found.results).toMatchObject([{ user_id: id, username: "locked001", who: ["strangers"] }]);
  expect((await run("log-ins locked", "zh")).out).toContain(`#${id} locked001  不认识的设备`);
  await run("unlock locked001 --reason because");
  expect((await run("log-ins locked")).out).toBe("None.\n");
});

it.each([
  ["log-ins refused --limit many", /--limit/],
  ["log-ins refused --before yesterday", /--before/],
  ["log-ins", /locked, refused, counters/],
])("%s can't be understood", async (line, words) => {
  const said = await run(line);
  expect([said.code, said.notes]).toEqual([2, expect.stringMatching(words)]);
});
