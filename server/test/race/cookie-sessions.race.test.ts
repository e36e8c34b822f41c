import { afterAll, beforeAll, expect, it } from "vitest";
import { type CookiePage, openPage, sessionCookieOf, shop } from "../support/cookie-page.ts";
import { makePerson } from "../support/people.ts";
import { restartedSite } from "../support/restarted-site.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Two servers on one database, as two processes have it: nothing is shared but the rows. */
let test: TestApp;
let second: Awaited<ReturnType<typeof restartedSite>>;
beforeAll(async () => {
  test = await startTestApp({ env: shop });
  second = await restartedSite(test, { secretKey: testSecretKey });
  await makePerson(test, "python01", { email: "44@qq.com" });
});
afterAll(async () => {
  await second.close();
  await test.close();
});

const name = "__Host-meiduo_session";
const withCookie = (value: string, server: number): CookiePage => {
  const { api } = server % 2 === 0 ? test.app : second.app;
  const page = openPage(test, (request) => api.inject(request));
  page.cookies.set(name, value);
  return page;
};
async function logIn(): Promise<CookiePage> {
  const page = openPage(test);
  await page.logIn("python01", { refresh: true });
  return page;
}
/** Where the machine is too busy for all of them the database tells some to come back: those are left out. */
async function atOnce(value: string, tabs = 40) {
  const all = await Promise.all(
    Array.from({ length: tabs }, (_, i) => withCookie(value, i).call({ url: "/user/" })),
  );
  return all.filter(({ statusCode }) => statusCode !== 503);
}
const counterOf = async (value: string) =>
  (
    await test.app.db.kysely
      .selectFrom("sessions")
      .select(["counter", "ended_by"])
      .where("id", "=", value.split(".")[0]!)
      .executeTakeFirstOrThrow()
  ).counter;

it("forty tabs at once are handed one next cookie, and forty that show it first are one step", async () => {
  const page = await logIn();
  test.clock.advance(900);
  const handed = await atOnce(page.session()!);
  expect(new Set(handed.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  const values = new Set(handed.map((answer) => sessionCookieOf(answer)?.split(/[=;]/)[1]));
  expect(values.size).toBe(1);
  const [next = ""] = values as Set<string>;
  expect(await counterOf(next)).toBe(0);
  const shown = await atOnce(next);
  expect(new Set(shown.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  expect(await counterOf(next)).toBe(1);
  // Those that were late with the former one.
  expect(new Set((await atOnce(page.session()!)).map(({ statusCode }) => statusCode))).toEqual(
    new Set([200]),
  );
  expect(await withCookie(next, 1).status()).toBe(200);
});

it("an old cookie shown forty times at once ends the session once", async () => {
  const page = await logIn();
  const old = page.session()!;
  test.clock.advance(900);
  await page.status();
  await page.status();
  test.clock.advance(60);
  await page.status();
  const answers = await atOnce(old);
  expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([401]));
  const told = await test.app.db.kysely
    .selectFrom("audit_entries")
    .select("id")
    .where("action", "=", "session.replayed")
    .execute();
  expect(told).toHaveLength(1);
});

it.each([
  ["a log-out", { method: "DELETE", url: "/user/sessions/current/" }],
  ["logging out everywhere", { method: "POST", url: "/user/tokens/end/" }],
] as const)("of renewals and %s at once nothing is left", async (_title, end) => {
  for (let round = 0; round < 8; round++) {
    const page = await logIn();
    const old = page.session()!;
    test.clock.advance(900);
    await page.status();
    const next = page.session()!;
    const [ended] = await Promise.all([
      withCookie(next, round).call(end),
      ...Array.from({ length: 4 }, (_, i) => withCookie(i % 2 ? next : old, round + i).status()),
    ]);
    expect(ended.statusCode, ended.body).toBeLessThan(300);
    for (const value of [old, next]) expect(await withCookie(value, round).status()).toBe(401);
  }
});

it("of many log-ins of one browser at once the last cookie is good, and the one before them ended", async () => {
  const page = await logIn();
  const before = page.session()!;
  await Promise.all(Array.from({ length: 6 }, () => withCookie(before, 0).logIn()));
  expect(await withCookie(before, 1).status()).toBe(401);
  await page.logIn();
  expect(await page.status()).toBe(200);
});
