import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A code works once, and makes one account at most, however many type it at once. */
const callers = 50;
const numbers = Array.from({ length: callers }, (_, i) => i);
let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ env: { CODE_SIGN_IN: "email", USERNAME: "optional" } });
});
afterAll(() => test.close());

const logIn = (payload: object) => test.anonymous({ method: "POST", url: "/users/codes/sign-in/", payload });
const accountsOf = (email: string) =>
  test.app.db.kysely.selectFrom("users").select("id").where("email", "=", email).execute();

it("of one code of an account one log-in", async () => {
  await test.signUp({ username: "racer001", email: "r1@qq.com" });
  test.clock.advance(61);
  const email_code = await test.codeFor("r1@qq.com", "signIn");
  const answers = await Promise.all(numbers.map(() => logIn({ email: "r1@qq.com", email_code })));
  expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
  expect(answers.filter(({ statusCode }) => statusCode === 400)).toHaveLength(callers - 1);
});

it("of one code of nobody's address one account, under however many names", async () => {
  const email_code = await test.codeFor("r2@qq.com", "signIn");
  const answers = await Promise.all(
    numbers.map((i) =>
      logIn({ email: "r2@qq.com", email_code, allow: "true", ...(i % 2 ? { username: `racer1${i}` } : {}) }),
    ),
  );
  expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(1);
  expect(answers.filter(({ statusCode }) => statusCode === 400)).toHaveLength(callers - 1);
  expect(await accountsOf("r2@qq.com")).toHaveLength(1);
});

it("of a code to sign up and one to log in one account", async () => {
  const email = "r3@qq.com";
  const register = await test.codeFor(email);
  test.clock.advance(61);
  const email_code = await test.codeFor(email, "signIn");
  const password = "12345678aA";
  const form = { email, email_code: register, password, password2: password, allow: "true" };
  const answers = await Promise.all(
    numbers.map((i) =>
      i % 2 === 0
        ? logIn({ email, email_code, allow: "true" })
        : test.anonymous({ method: "POST", url: "/users/", payload: { ...form, username: `racer2${i}` } }),
    ),
  );
  expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(1);
  expect(answers.filter(({ statusCode }) => statusCode >= 500)).toEqual([]);
  expect(await accountsOf(email)).toHaveLength(1);
});
