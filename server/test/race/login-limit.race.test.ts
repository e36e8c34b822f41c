import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

const callers = 50;
const limit = 10;

describe(`${callers} log-ins of one account at once`, () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp({ env: { LOGIN_FAILURE_LIMIT: String(limit) } });
    await test.signUp({ username: "python01", email: "44@qq.com", password: "12345678aA" });
  });
  afterAll(() => test.close());

  const attempt = (username: string, password: string) =>
    test.anonymous({ method: "POST", url: "/users/authorizations/", payload: { username, password } });

  it.each(["python01", "nobody"])("of %s: no more passwords are looked at than the limit", async (name) => {
    const hashesBefore = test.app.passwords.stats().finished;
    const answers = await Promise.all(
      Array.from({ length: callers }, (_, i) => attempt(i % 2 ? name : name.toUpperCase(), `guess-${i}`)),
    );
    const statuses = answers.map(({ statusCode }) => statusCode);
    expect(statuses.filter((status) => status === 400)).toHaveLength(limit);
    expect(statuses.filter((status) => status === 429)).toHaveLength(callers - limit);
    expect(test.app.passwords.stats().finished - hashesBefore).toBe(limit);
    for (const answer of answers) {
      if (answer.statusCode === 429) expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    }
    expect((await attempt(name, "12345678aA")).statusCode).toBe(429);
  });

  it("with the right password: everyone within the limit gets in, and nothing fails", async () => {
    test.clock.advance(3600);
    const answers = await Promise.all(
      Array.from({ length: callers }, () => attempt("python01", "12345678aA")),
    );
    const statuses = new Set(answers.map(({ statusCode }) => statusCode));
    expect([...statuses].filter((status) => status !== 200 && status !== 429)).toEqual([]);
    expect(answers.filter(({ statusCode }) => statusCode === 200).length).toBeGreaterThanOrEqual(limit);
    expect((await attempt("python01", "12345678aA")).statusCode).toBe(200);
  });
});
