import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** One number is one account's, however many prove it, claim it or log in by it at once. */
const callers = 50;
const callNumbers = Array.from({ length: callers }, (_, i) => i);
const password = "12345678aA";
const secrets = { password, password2: password };
let test: TestApp;
beforeAll(async () => {
  const env = { CODE_SIGN_IN: "sms", SIGN_UP_BY: "email,mobile", USERNAME: "optional" };
  test = await startTestApp({ env });
});
afterAll(() => test.close());

const post = (url: string, payload: object) => test.anonymous({ method: "POST", url, payload });
const logIn = (payload: object) => post("/users/codes/sign-in/", { allow: "true", ...payload });
const signUp = (payload: object) => post("/users/", { ...secrets, allow: "true", ...payload });
const holdersOf = (mobile: string) =>
  test.app.db.kysely.selectFrom("users").select("proved_mobile").where("mobile", "=", mobile).execute();
const code = (mobile: string, sendType: string) => {
  test.clock.advance(61);
  return test.smsCodeFor(mobile, undefined, sendType);
};

it("of one code by SMS one account, or one log-in", async () => {
  const mobile = "13900000001";
  const first = await code(mobile, "signIn");
  const made = await Promise.all(callNumbers.map(() => logIn({ mobile, sms_code: first })));
  expect(made.filter(({ statusCode }) => statusCode === 201)).toHaveLength(1);
  expect(made.filter(({ statusCode }) => statusCode === 400)).toHaveLength(callers - 1);
  expect(await holdersOf(mobile)).toEqual([{ proved_mobile: mobile }]);
  const second = await code(mobile, "signIn");
  const entered = await Promise.all(callNumbers.map(() => logIn({ mobile, sms_code: second })));
  expect(entered.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
});

it("of codes to sign up and to log in, for a number that somebody claims: one account, proved", async () => {
  const mobile = "13900000002";
  const { token } = await test.signUp({ username: "claimer1", email: "claimer1@qq.com" });
  const payload = { mobile, current_password: password };
  expect((await test.as(token)({ method: "PATCH", url: "/user/", payload })).statusCode).toBe(200);
  const [register, signIn] = [await code(mobile, "register"), await code(mobile, "signIn")];
  const answers = await Promise.all(
    callNumbers.map((i) =>
      i % 2 === 0
        ? logIn({ mobile, sms_code: signIn })
        : signUp({ username: `racer${1000 + i}`, mobile, sms_code: register }),
    ),
  );
  expect(answers.filter(({ statusCode }) => statusCode >= 500)).toEqual([]);
  expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(1);
  expect(await holdersOf(mobile)).toEqual([{ proved_mobile: mobile }]);
  const names = await test.app.db.kysely
    .selectFrom("login_names")
    .select("user_id")
    .where("name_key", "=", mobile)
    .execute();
  expect(names).toHaveLength(1);
});

it("of one code to reset the password one reset", async () => {
  const mobile = "13900000002";
  const sms_code = await code(mobile, "resetpwd");
  const answers = await Promise.all(
    callNumbers.map((i) => {
      const typed = `another-8B${i}b`;
      return post("/users/password/", { mobile, sms_code, password: typed, password2: typed });
    }),
  );
  expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
});
