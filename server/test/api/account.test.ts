import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

describe("changing the own account", () => {
  let test: TestApp;
  let token: string;
  beforeAll(async () => {
    test = await startTestApp();
    ({ token } = await test.signUp({ username: "python01", email: "44@qq.com" }));
    await test.signUp({ username: "python02", email: "45@qq.com" });
  });
  afterAll(() => test.close());

  const logIn = (username: string, password: string) =>
    test.anonymous({ method: "POST", url: "/users/authorizations/", payload: { username, password } });

  it("changes names without the password and nothing else along", async () => {
    const payload = {
      first_name: "三",
      last_name: "张",
      is_staff: true,
      is_superuser: true,
      username: "hacker",
    };
    const answer = await test.as(token)({ method: "PATCH", url: "/user/", payload });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      username: "python01",
      first_name: "三",
      last_name: "张",
      is_staff: false,
    });
    const me = await test.as(token)({ url: "/user/" });
    expect(me.json()).toMatchObject({ is_staff: false, is_superuser: false, username: "python01" });
  });

  it("a stolen token can't change what the account is recovered by", async () => {
    const email_code = await test.codeFor("thief@qq.com", "changeEmail", token);
    for (const [method, url, payload] of [
      ["PATCH", "/user/", { mobile: "13800000001" }],
      ["PUT", "/user/email/", { email: "thief@qq.com", email_code, current_password: "wrong-one" }],
      ["PUT", "/user/password/", { password: "new-password-1", password2: "new-password-1" }],
    ] as const) {
      const answer = await test.as(token)({ method, url, payload });
      expect(answer.statusCode, url).toBe(400);
      expect(answer.json()).toHaveProperty("current_password");
    }
    expect((await logIn("python01", "12345678aA")).statusCode).toBe(200);
    expect((await logIn("thief@qq.com", "12345678aA")).statusCode).toBe(400);
  });

  it("a stolen token can't guess the password for ever", async () => {
    const limited = await startTestApp({ env: { LOGIN_FAILURE_LIMIT: "5" } });
    try {
      const { token: stolen } = await limited.signUp({ username: "python01", email: "44@qq.com" });
      const guess = (current_password: string) =>
        limited.as(stolen)({
          method: "PATCH",
          url: "/user/",
          payload: { mobile: "13800000001", current_password },
        });
      const guesses = await Promise.all(Array.from({ length: 12 }, (_, i) => guess(`guess-number-${i}`)));
      expect(guesses.map(({ statusCode }) => statusCode).sort()).toEqual([
        ...Array<number>(5).fill(400),
        ...Array<number>(7).fill(429),
      ]);
      const refused = await guess("12345678aA");
      expect(refused.statusCode).toBe(429);
      expect(Number(refused.headers["retry-after"])).toBeGreaterThan(3500);
      limited.clock.advance(3600);
      expect((await guess("12345678aA")).statusCode).toBe(200);
    } finally {
      await limited.close();
    }
  });

  it("adds a mobile number one can log in by, unless it is another's name", async () => {
    const payload = { mobile: "13800000001", current_password: "12345678aA" };
    expect((await test.as(token)({ method: "PATCH", url: "/user/", payload })).json()).toMatchObject({
      mobile: "13800000001",
    });
    expect((await logIn("13800000001", "12345678aA")).statusCode).toBe(200);
    const { token: other } = (await logIn("python02", "12345678aA")).json();
    const taken = await test.as(other)({ method: "PATCH", url: "/user/", payload });
    expect(taken.json()).toMatchObject({ mobile: ["该手机号已被使用。"] });
    const gone = await test.as(token)({
      method: "PATCH",
      url: "/user/",
      payload: { ...payload, mobile: "" },
    });
    expect(gone.json()).toMatchObject({ mobile: null });
    expect((await logIn("13800000001", "12345678aA")).statusCode).toBe(400);
  });

  it("a number proves nothing: whoever says first that it is theirs gets nobody's account by it", async () => {
    const claimant = await test.signUp({ username: "claimant", email: "46@qq.com" });
    const owner = await test.signUp({ username: "realowner", email: "47@qq.com" });
    const mobile = "13900000009";
    const claim = (by: string) =>
      test
        .as(by)({ method: "PATCH", url: "/user/", payload: { mobile, current_password: "12345678aA" } })
        .then(({ statusCode }) => statusCode);
    expect(await claim(claimant.token)).toBe(200);
    expect(await claim(owner.token)).toBe(400);
    // Its password is the claimant's alone, and no code is ever sent to a number or for it.
    expect((await logIn(mobile, "12345678aA")).json()).toMatchObject({ username: "claimant" });
    await test.as(owner.token)({
      method: "PUT",
      url: "/user/password/",
      payload: { current_password: "12345678aA", password: "owners-own-9", password2: "owners-own-9" },
    });
    expect((await logIn(mobile, "owners-own-9")).statusCode).toBe(400);
    for (const url of [
      `/verifications/email_codes/${mobile}/`,
      `/verifications/email_codes/${mobile}/?send_type=resetpwd`,
    ])
      expect((await test.anonymous({ url })).statusCode).toBe(400);
    expect((await logIn("realowner", "owners-own-9")).statusCode).toBe(200);
  });

  it("moves to a new address, holds the old one and tells its reader", async () => {
    const email_code = await test.codeFor("new@qq.com", "changeEmail", token);
    const payload = { email: "new@QQ.com", email_code, current_password: "12345678aA" };
    const answer = await test.as(token)({ method: "PUT", url: "/user/email/", payload });
    expect(answer.json()).toMatchObject({ email: "new@qq.com", email_active: true });
    await test.runJobs();
    expect(test.mailbox.at(-1)).toMatchObject({ to: "44@qq.com", subject: "【美多商城】您的邮箱已更换" });
    expect((await logIn("new@qq.com", "12345678aA")).statusCode).toBe(200);
    expect((await logIn("44@qq.com", "12345678aA")).statusCode).toBe(400);
    expect((await test.anonymous({ url: "/users/emails/44@qq.com/count/" })).json()).toMatchObject({
      count: 1,
    });
    const replay = await test.as(token)({ method: "PUT", url: "/user/email/", payload });
    expect(replay.json()).toMatchObject({ non_field_errors: ["邮箱验证码过期"] });
  });

  it("a new password ends every token but the one in the answer, and is told by mail", async () => {
    const payload = {
      current_password: "12345678aA",
      password: "new-password-1",
      password2: "new-password-1",
    };
    const answer = await test.as(token)({ method: "PUT", url: "/user/password/", payload });
    expect(answer.statusCode, answer.body).toBe(200);
    expect((await test.as(token)({ url: "/user/" })).statusCode).toBe(401);
    token = answer.json().token;
    expect((await test.as(token)({ url: "/user/" })).statusCode).toBe(200);
    await test.runJobs();
    expect(test.mailbox.at(-1)).toMatchObject({ to: "new@qq.com", subject: "【美多商城】您的密码已修改" });
  });

  it("logs out everywhere", async () => {
    const { token: second } = (await logIn("python01", "new-password-1")).json();
    expect((await test.as(second)({ method: "POST", url: "/user/tokens/end/" })).statusCode).toBe(200);
    for (const dead of [second, token]) expect((await test.as(dead)({ url: "/user/" })).statusCode).toBe(401);
  });
});
