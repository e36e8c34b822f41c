import { afterAll, beforeAll, expect, it } from "vitest";
import { createLog } from "../../src/kernel/log.ts";
import { createHourlyCounts } from "../../src/observability/hourly-counts.ts";
import { programVersion } from "../../src/process/program-version.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** What the console shows first: how often what happened, from counters alone. */
let site: TestApp;
let root: Person;
beforeAll(async () => {
  site = await startTestApp();
  root = await makePerson(site, "rootuser", { is_superuser: 1 });
});
afterAll(() => site.close());

const overview = async () => {
  const answer = await site.as(root.token)({ url: "/admin/overview/" });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json() as {
    version: string;
    jobs: Record<string, number>;
    hours: { from: string; counts: Record<string, number> }[];
  };
};
const total = (hours: Awaited<ReturnType<typeof overview>>["hours"], name: string) =>
  hours.reduce((sum, { counts }) => sum + (counts[name] ?? 0), 0);
const logIn = (username: string, typed: string) =>
  site.anonymous({ method: "POST", url: "/authorizations/", payload: { username, password: typed } });
/** As each process does once a minute: what its counters have grown by. */
const minute = () => site.app.maintenance.run();

it("counts log-ins by way and refusals by reason, those of unknown names too, and what was mailed", async () => {
  await minute();
  const before = await overview();
  await site.signUp({ username: "counted01", email: "counted01@qq.com" });
  expect((await logIn("counted01", password)).statusCode).toBe(200);
  await logIn("counted01", "not-that-one");
  await logIn("counted01", "nor-that-one");
  await logIn("nobody-there", password);
  await site.runJobs();
  await minute();
  const after = await overview();
  const grown = (name: string) => total(after.hours, name) - total(before.hours, name);
  expect(grown("event:user.created")).toBe(1);
  expect(grown("log_in:password")).toBe(1);
  expect([grown("refused:wrong_password"), grown("refused:unknown_name")]).toEqual([2, 1]);
  expect(grown("mail:accepted")).toBeGreaterThan(0);
  expect(after.version).toBe(programVersion());
  expect(after.jobs).toMatchObject({ waiting: 0, dead: 0 });
});

it("keeps hours apart, and shows those of thirty days", async () => {
  const name = "log_in:password";
  const now = total((await overview()).hours, name);
  site.clock.advance(3600);
  const logIns = async () => {
    expect((await logIn("counted01", password)).statusCode).toBe(200);
    await minute();
  };
  await logIns();
  const { hours } = await overview();
  expect(hours.at(-1)).toMatchObject({ counts: { [name]: 1 } });
  expect(new Date(hours.at(-1)!.from).getTime() % 3_600_000).toBe(0);
  expect(total(hours, name)).toBe(now + 1);
  site.clock.advance(30 * 86_400);
  root = { ...root, token: (await logIn("rootuser", password)).json().token };
  await minute();
  expect(total((await overview()).hours, name)).toBe(1);
});

it("adds later what could not be written, and nothing twice", async () => {
  let count = 5;
  let isAway = true;
  const db = {
    ...site.app.db,
    get kysely() {
      if (isAway) throw new Error("away");
      return site.app.db.kysely;
    },
  };
  const counters = () => ({ "event:test": count });
  const counts = createHourlyCounts({ db, clock: site.clock, log: createLog("silent"), counters });
  await counts.flush();
  isAway = false;
  count = 7;
  await counts.flush();
  await counts.flush();
  expect(total((await overview()).hours, "event:test")).toBe(7);
});
