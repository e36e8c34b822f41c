import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { claimsOf } from "../support/forged-token.ts";
import { makePerson, password } from "../support/people.ts";
import { restartedSite } from "../support/restarted-site.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Two servers on one database, as two processes have it: nothing is shared but the rows. */
let test: TestApp;
let second: Awaited<ReturnType<typeof restartedSite>>;
beforeAll(async () => {
  test = await startTestApp();
  second = await restartedSite(test, { secretKey: testSecretKey });
  await makePerson(test, "python01", { email: "44@qq.com" });
});
afterAll(async () => {
  await second.close();
  await test.close();
});

async function logIn(): Promise<{ token: string; refresh_token: string }> {
  const payload = { username: "python01", password, refresh: true };
  return (await test.anonymous({ method: "POST", url: "/users/authorizations/", payload })).json();
}
const post = (server: number, url: string, payload: object, token?: string) =>
  (server % 2 === 0 ? test.app : second.app).api.inject({
    ...{ method: "POST", url, payload },
    headers: token === undefined ? {} : { authorization: `JWT ${token}` },
  });
const show = (refresh_token: string, server = 0) => post(server, "/user/tokens/refresh/", { refresh_token });

/** Where the machine is too busy for all of them the database tells some to come back: those are left out. */
async function atOnce(refreshToken: string) {
  const all = await Promise.all(Array.from({ length: 40 }, (_, i) => show(refreshToken, i)));
  return all.filter(({ statusCode }) => statusCode !== 503);
}

it("one token shown 40 times at once is replaced once, and everybody gets the same", async () => {
  const { refresh_token } = await logIn();
  const answers = await atOnce(refresh_token);
  expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  const given = new Set(answers.map((answer) => answer.json().refresh_token));
  expect(given.size).toBe(1);
  expect(given).not.toContain(refresh_token);
});

it("an old token shown 40 times at once ends the session once", async () => {
  const { refresh_token } = await logIn();
  await show(refresh_token);
  test.clock.advance(31);
  const statuses = (await atOnce(refresh_token)).map(({ statusCode }) => statusCode);
  // A client that goes on showing it is told to wait.
  expect(new Set(statuses.filter((status) => status !== 429))).toEqual(new Set([401]));
  const told = await test.app.db.kysely
    .selectFrom("audit_entries")
    .select("id")
    .where("action", "=", "session.replayed")
    .execute();
  expect(told).toHaveLength(1);
});

it("a good token and an old one at once: whatever comes first, nobody goes on", async () => {
  for (let round = 0; round < 10; round++) {
    const first = await logIn();
    const good = (await show(first.refresh_token)).json().refresh_token;
    test.clock.advance(31);
    const [renewed] = await Promise.all([show(good, round), show(first.refresh_token, round + 1)]);
    if (renewed.statusCode === 200) expect((await show(renewed.json().refresh_token)).statusCode).toBe(401);
    expect((await show(good)).statusCode).toBe(401);
  }
});

it("of a renewal and 'log out everywhere' at once nothing is left", async () => {
  for (let round = 0; round < 10; round++) {
    const { token, refresh_token } = await logIn();
    const [renewed, end] = await Promise.all([
      show(refresh_token, round),
      post(round + 1, "/user/tokens/end/", {}, token),
    ]);
    expect(end.statusCode).toBe(200);
    if (renewed.statusCode === 200) expect((await show(renewed.json().refresh_token)).statusCode).toBe(401);
  }
});

it.each([
  ["ending the one session", (id: string) => `/user/sessions/${id}/`],
  ["ending all others", () => "/user/sessions/"],
])("of a renewal and %s at once nothing is left of it", async (_, path) => {
  const here = await logIn();
  for (let round = 0; round < 10; round++) {
    const { token, refresh_token } = await logIn();
    const url = path(String(claimsOf(token).sid));
    const headers = { authorization: `JWT ${here.token}` };
    const [renewed, end] = await Promise.all([
      show(refresh_token, round),
      test.app.api.inject({ method: "DELETE", url, headers }),
    ]);
    expect([200, 204]).toContain(end.statusCode);
    if (renewed.statusCode === 200) {
      const { token: fresh, refresh_token: next } = renewed.json();
      expect((await show(next)).statusCode).toBe(401);
      expect((await test.as(fresh)({ url: "/user/" })).statusCode).toBe(401);
    }
    expect((await show(refresh_token)).statusCode).toBe(401);
  }
  expect((await test.as(here.token)({ url: "/user/" })).statusCode).toBe(200);
});

it("one session that is ended 20 times at once is ended once", async () => {
  const [here, there] = [await logIn(), await logIn()];
  const url = `/user/sessions/${claimsOf(there.token).sid}/`;
  const ended = await Promise.all(
    Array.from({ length: 20 }, () => test.as(here.token)({ method: "DELETE", url })),
  );
  expect(ended.map(({ statusCode }) => statusCode).toSorted()).toEqual([204, ...Array(19).fill(404)]);
});

it("no order of renewals by two servers logs an honest client out or forks", async () => {
  const step = fc.record({
    server: fc.nat(1),
    /** How many tabs ask at once, with what is stored. */
    tabs: fc.integer({ min: 1, max: 3 }),
    isLost: fc.boolean(),
    wait: fc.oneof(fc.nat(5), fc.integer({ min: 31, max: 900 })),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const first = await logIn();
      let stored = first.refresh_token;
      for (const { server, tabs, isLost, wait } of steps) {
        const asked = Array.from({ length: tabs }, (_, i) => show(stored, server + i));
        const answers = await Promise.all(asked);
        expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(tabs).fill(200));
        const given = new Set(answers.map((answer) => answer.json().refresh_token as string));
        expect(given.size).toBe(1);
        if (!isLost) [stored] = given as Iterable<string> as [string];
        // What got no answer tries again at once.
        else stored = (await show(stored, server + 1)).json().refresh_token;
        test.clock.advance(wait);
      }
      if (stored === first.refresh_token) return;
      test.clock.advance(31);
      expect((await show(first.refresh_token)).statusCode).toBe(401);
      expect((await show(stored)).statusCode).toBe(401);
    }),
    { numRuns: 60 },
  );
});

it("of 30 log-ins at once no more sessions are left than an account may have", async () => {
  const few = await startTestApp({ env: { SESSIONS_PER_ACCOUNT: "5" } });
  try {
    await makePerson(few, "python02");
    const payload = { username: "python02", password, refresh: true };
    const all = await Promise.all(
      Array.from({ length: 30 }, () =>
        few.anonymous({ method: "POST", url: "/users/authorizations/", payload }),
      ),
    );
    expect(new Set(all.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
    const rows = await few.app.db.kysely.selectFrom("sessions").selectAll().execute();
    expect(rows.filter((row) => row.idle_seconds !== null && row.ended_at === null)).toHaveLength(5);
  } finally {
    await few.close();
  }
});
