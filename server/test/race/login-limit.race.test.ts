import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cookieIn } from "../support/devices.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

const callers = 50;
const limit = 10;
const password = "12345678aA";

describe(`${callers} log-ins of one account at once`, () => {
  let test: TestApp;
  let cookie: string;
  const lines: string[] = [];
  beforeAll(async () => {
    test = await startTestApp({
      env: {
        ...{ LOGIN_FAILURE_LIMIT: String(limit), LOGIN_FAILURE_LIMIT_PER_DAY: String(3 * limit) },
        ...{ LOGIN_FAILURE_ALARM: "25", TRUST_PROXY: "1" },
      },
      logTo: { write: (line) => void lines.push(line) },
    });
    await test.signUp({ username: "python01", email: "44@qq.com", password });
    cookie = cookieIn((await attempt("python01", password, "198.51.100.1")).headers["set-cookie"]);
  });
  afterAll(() => test.close());

  const attempt = (username: string, typed: string, client: string, cookieSent?: string, on = test) =>
    on.anonymous({
      method: "POST",
      url: "/users/authorizations/",
      payload: { username, password: typed },
      headers: { "x-forwarded-for": client, ...(cookieSent && { cookie: cookieSent }) },
    });
  const stranger = (i: number) => `203.0.113.${i + 1}`;

  /** No more passwords are looked at than `most`, whoever asks. */
  async function expectBounded(most: number, guess: (i: number) => ReturnType<typeof attempt>, on = test) {
    const hashesBefore = on.app.passwords.stats().finished;
    const answers = await Promise.all(Array.from({ length: callers }, (_, i) => guess(i)));
    const statuses = answers.map(({ statusCode }) => statusCode);
    expect(statuses.filter((status) => status === 400)).toHaveLength(most);
    expect(statuses.filter((status) => status === 429)).toHaveLength(callers - most);
    expect(on.app.passwords.stats().finished - hashesBefore).toBe(most);
    for (const answer of answers) {
      if (answer.statusCode === 429) expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    }
  }
  const spelled = (name: string, i: number) => (i % 2 ? name : name.toUpperCase());

  it.each(["python01", "nobody"])(
    "of %s by strangers: no more than the limit for all of them",
    async (name) => {
      await expectBounded(limit, (i) => attempt(spelled(name, i), `guess-${i}`, stranger(i)));
      expect((await attempt(name, password, "203.0.113.99")).statusCode).toBe(429);
    },
  );

  it("by one network: no more than its share, so that others have theirs", async () => {
    const guess = (i: number) => attempt(spelled("nobody2", i), `guess-${i}`, "203.0.113.100");
    const answers = await Promise.all(Array.from({ length: callers }, (_, i) => guess(i)));
    const judged = answers.filter(({ statusCode }) => statusCode === 400).length;
    expect(judged).toBeGreaterThanOrEqual(5);
    // A Redis's clock goes on meanwhile: waits of 1, 2, 4 seconds may be over.
    expect(judged).toBeLessThan(9);
    expect((await attempt("nobody2", "guess", "203.0.113.101")).statusCode).toBe(400);
  });

  it("by a known device: as many of its own, whatever strangers did", async () => {
    await expectBounded(limit, (i) => attempt(spelled("python01", i), `guess-${i}`, stranger(i), cookie));
  });

  it("told to wait for a hash: those that were not looked at are taken back, and no more", async () => {
    const env = { HASH_CONCURRENCY: "1", HASH_QUEUE_LIMIT: "2", TRUST_PROXY: "1" };
    const limits = { LOGIN_FAILURE_LIMIT: String(limit), LOGIN_FAILURE_LIMIT_PER_DAY: String(limit) };
    const busy = await startTestApp({ env: { ...env, ...limits } });
    try {
      const seen: number[] = [];
      const count = (status: number) => seen.filter((one) => one === status).length;
      const round = async () => {
        const guesses = Array.from({ length: callers }, (_, i) =>
          busy.anonymous({
            method: "POST",
            url: "/users/authorizations/",
            payload: { username: "nobody", password: `guess-${i}` },
            headers: { "x-forwarded-for": stranger(i) },
          }),
        );
        seen.push(...(await Promise.all(guesses)).map(({ statusCode }) => statusCode));
      };
      while (count(400) < limit) await round();
      await round();
      expect(count(503)).toBeGreaterThan(0);
      expect(count(400)).toBe(limit);
      expect(busy.app.passwords.stats().finished).toBe(limit);
      expect(seen.slice(-callers)).toEqual(Array(callers).fill(429));
    } finally {
      await busy.close();
    }
  });

  it("by LOGIN_FAILURE_WALL, on another day's hours: no more than the day's limit", async () => {
    const limits = { LOGIN_FAILURE_LIMIT: String(limit), LOGIN_FAILURE_LIMIT_PER_DAY: String(3 * limit) };
    const walled = await startTestApp({ env: { ...limits, LOGIN_FAILURE_WALL: "true", TRUST_PROXY: "1" } });
    try {
      for (const left of [limit, limit, limit, 0]) {
        const guess = (i: number) => attempt("nobody", `guess-${i}`, stranger(i), undefined, walled);
        await expectBounded(left, guess, walled);
        walled.clock.advance(3600);
      }
    } finally {
      await walled.close();
    }
  });

  it("raise the alarm once an hour", async () => {
    const alarms = () => lines.filter((line) => line.includes('"alarm":"failed_log_ins"')).length;
    test.clock.advance(3600);
    const before = alarms();
    await Promise.all(
      Array.from({ length: callers }, (_, i) => attempt(`nobody-${i}`, "guess", stranger(i))),
    );
    expect(alarms() - before).toBe(1);
  });

  it("with the right password: everyone within the limit gets in, and nothing fails", async () => {
    test.clock.advance(86_400);
    const answers = await Promise.all(
      Array.from({ length: callers }, (_, i) => attempt("python01", password, stranger(i))),
    );
    const statuses = new Set(answers.map(({ statusCode }) => statusCode));
    expect([...statuses].filter((status) => status !== 200 && status !== 429)).toEqual([]);
    expect(answers.filter(({ statusCode }) => statusCode === 200).length).toBeGreaterThanOrEqual(limit);
    expect((await attempt("python01", password, "198.51.100.1")).statusCode).toBe(200);
  });
});
