import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

const abroad = "+85251234567";
const password = "12345678aA";

describe("a number of another country", () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp({
      env: { SMS_COUNTRIES: "CN,HK", SIGN_UP_BY: "email,mobile", CODE_SIGN_IN: "sms" },
    });
  });
  afterAll(() => test.close());

  const ask = (purpose: string) =>
    test.anonymous({
      url: `/verifications/sms_codes/${encodeURIComponent(abroad)}/?send_type=${purpose}`,
    });

  it("signs up, logs in by password and by code, and resets the password", async () => {
    expect((await ask("register")).statusCode).toBe(200);
    await test.runJobs();
    const body = { username: "hongkong", mobile: abroad, password, password2: password, allow: "true" };
    const made = await test.anonymous({
      method: "POST",
      url: "/users/",
      payload: { ...body, sms_code: test.smsBox.at(-1)!.code },
    });
    expect([made.statusCode, test.smsBox.at(-1)!.to]).toEqual([201, abroad]);

    const logIn = (withPassword: string) =>
      test.anonymous({
        method: "POST",
        url: "/authorizations/",
        payload: { username: abroad, password: withPassword },
      });
    expect((await logIn(password)).statusCode).toBe(200);

    test.clock.advance(61);
    expect((await ask("signIn")).statusCode).toBe(200);
    await test.runJobs();
    const byCode = await test.anonymous({
      method: "POST",
      url: "/users/codes/sign-in/",
      payload: { mobile: abroad, sms_code: test.smsBox.at(-1)!.code },
    });
    expect(byCode.statusCode).toBe(200);

    test.clock.advance(61);
    expect((await ask("resetpwd")).statusCode).toBe(200);
    await test.runJobs();
    const next = "another99Bb";
    const reset = await test.anonymous({
      method: "POST",
      url: "/users/password/",
      payload: { mobile: abroad, sms_code: test.smsBox.at(-1)!.code, password: next, password2: next },
    });
    expect(reset.statusCode).toBeLessThan(300);
    expect((await logIn(next)).statusCode).toBe(200);
  });

  it.each(["+447911123456", "+8613800138000", "+852512345678"])(
    "is not taken from elsewhere: %s",
    async (mobile) => {
      const url = `/verifications/sms_codes/${encodeURIComponent(mobile)}/?send_type=register`;
      expect((await test.anonymous({ url })).json()).toMatchObject({ mobile: ["请输入合法的手机号。"] });
    },
  );

  it("can't be somebody's user name", async () => {
    const answer = await test.anonymous({ url: `/usernames/${encodeURIComponent("+85251239999")}/count/` });
    expect(answer.statusCode).toBe(400);
  });
});

it("by default only numbers of mainland China are taken, also without a code", async () => {
  const test = await startTestApp();
  const { token } = await test.signUp({ username: "python01", email: "44@qq.com" });
  for (const [mobile, status] of [
    [abroad, 400],
    ["13800138000", 200],
  ] as const) {
    const answer = await test.as(token)({
      method: "PATCH",
      url: "/user/",
      payload: { mobile, current_password: password },
    });
    expect([mobile, answer.statusCode]).toEqual([mobile, status]);
  }
  await test.close();
});
