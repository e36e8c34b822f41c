import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

const callers = 40;
const limit = 10;

describe(`${callers} log-ins at once of who has to wait`, () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp({
      env: {
        ...{
          LOGIN_FAILURE_LIMIT: String(limit),
          LOGIN_FAILURE_LIMIT_PER_DAY: String(limit),
          TRUST_PROXY: "1",
        },
        ...{ LOGIN_FAILURE_LIMIT_PER_CLIENT: "30" },
      },
    });
  });
  afterAll(() => test.close());

  const fail = (username: string, client: string) =>
    test.anonymous({
      method: "POST",
      url: "/users/authorizations/",
      payload: { username, password: "wrong-one" },
      headers: { "x-forwarded-for": client },
    });
  /** How many passwords were looked at, of those that were let through; the others are told how long to wait. */
  async function judged(username: (i: number) => string, client: (i: number) => string): Promise<number> {
    const hashesBefore = test.app.passwords.stats().finished;
    const answers = await Promise.all(
      Array.from({ length: callers }, (_, i) => fail(username(i), client(i))),
    );
    const through = answers.filter(({ statusCode }) => statusCode === 400).length;
    const told = answers.filter(({ statusCode }) => statusCode === 429);
    expect(through + told.length).toBe(callers);
    expect(test.app.passwords.stats().finished - hashesBefore).toBe(through);
    for (const { headers } of told) expect(Number(headers["retry-after"])).toBeGreaterThanOrEqual(1);
    return through;
  }
  /** One try after each of the first waits. A Redis counts by a clock of its own: in a wait of seconds a round would not be over. */
  async function climb(username: (step: number) => string, client: string): Promise<void> {
    expect((await fail(username(0), client)).statusCode).toBe(429);
    for (const [step, seconds] of [1, 2, 4, 8, 16, 32].entries()) {
      test.clock.advance(seconds);
      expect([seconds, (await fail(username(step + 1), client)).statusCode]).toEqual([seconds, 400]);
    }
  }

  it("one network at one name: one after each wait, which doubles", async () => {
    for (let i = 0; i < 5; i++) expect((await fail("nobody1", "203.0.113.1")).statusCode).toBe(400);
    await climb(() => "nobody1", "203.0.113.1");
    const again = () =>
      judged(
        () => "nobody1",
        () => "203.0.113.1",
      );
    for (const seconds of [64, 128, 256]) {
      expect([seconds, await again()]).toEqual([seconds, 0]);
      test.clock.advance(seconds);
      expect([seconds, await again()]).toEqual([seconds, 1]);
    }
  });

  it("many networks at one name: the free ones of all together, and then one of each that waited", async () => {
    const networks = 20;
    const again = () =>
      judged(
        () => "nobody2",
        (i) => `203.0.114.${i % networks}`,
      );
    expect(await again()).toBe(limit);
    // Those of the free ones that were refused nothing begin to wait now.
    expect(await again()).toBe(0);
    test.clock.advance(64);
    expect([await again(), await again()]).toEqual([networks, 0]);
  });

  it("one network at many names: one after each wait", async () => {
    const client = "203.0.115.1";
    for (let i = 0; i < 30; i++) expect((await fail(`nobody3-${i}`, client)).statusCode).toBe(400);
    await climb((step) => `nobody4-${step}`, client);
    for (const round of [1, 2]) {
      const again = () =>
        judged(
          (i) => `nobody5-${round}-${i}`,
          () => client,
        );
      expect([round, await again()]).toEqual([round, 0]);
      test.clock.advance(60);
      expect([round, await again()]).toEqual([round, 1]);
    }
  });
});
