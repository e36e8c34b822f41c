import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

describe("what a verification code is good for", () => {
  let test: TestApp;
  let token: string;
  beforeAll(async () => {
    test = await startTestApp();
    await test.signUp({ username: "python01", email: "44@qq.com" });
    token = (await test.signUp({ username: "python02", email: "45@qq.com" })).token;
    test.clock.advance(60);
  });
  afterAll(() => test.close());

  const expired = { non_field_errors: ["邮箱验证码过期"], message: "邮箱验证码过期" };
  const wrong = { non_field_errors: ["邮箱验证码错误"], message: "邮箱验证码错误" };
  const newPassword = { password: "another-pass-1", password2: "another-pass-1" };

  let number = 0;
  const signUp = (email: string, email_code: string, over: object = {}) =>
    test.anonymous({
      method: "POST",
      url: "/users/",
      payload: { username: `person${number++}`, email, email_code, ...newPassword, allow: "true", ...over },
    });
  const reset = (email: string, email_code: string) =>
    test.anonymous({
      method: "POST",
      url: "/users/password/",
      payload: { email, email_code, ...newPassword },
    });

  it("works in any case, and once", async () => {
    const code = await test.codeFor("b1@qq.com");
    expect((await signUp("b1@qq.com", code.toLowerCase())).statusCode).toBe(201);
    test.clock.advance(1);
    const again = await signUp("b1@qq.com", code);
    expect(again.json()).toMatchObject({ email: ["该邮箱已被注册。"] });

    const resetCode = await test.codeFor("44@qq.com", "resetpwd");
    expect((await reset("44@qq.com", resetCode)).statusCode).toBe(200);
    expect((await reset("44@qq.com", resetCode)).json()).toEqual(expired);
    test.clock.advance(60);
  });

  it("is dead after five wrong tries, the right one included in no answer", async () => {
    const code = await test.codeFor("b2@qq.com");
    for (let i = 0; i < 5; i++) expect((await signUp("b2@qq.com", "######")).json()).toEqual(wrong);
    for (const typed of [code, "######"]) expect((await signUp("b2@qq.com", typed)).json()).toEqual(expired);
    test.clock.advance(60);
    expect((await signUp("b2@qq.com", await test.codeFor("b2@qq.com"))).statusCode).toBe(201);
  });

  it("still works at the fifth try", async () => {
    const code = await test.codeFor("b3@qq.com");
    for (let i = 0; i < 4; i++) expect((await signUp("b3@qq.com", "222222")).json()).toEqual(wrong);
    expect((await signUp("b3@qq.com", code)).statusCode).toBe(201);
  });

  it("stays good for whoever types it with a password that is refused, however often", async () => {
    const username = "wanderfalke7";
    await test.signUp({ username, email: "47@qq.com" });
    test.clock.advance(60);
    const email_code = await test.codeFor("47@qq.com", "resetpwd");
    const resetTo = (password: string) =>
      test.anonymous({
        method: "POST",
        url: "/users/password/",
        payload: { email: "47@qq.com", email_code, password, password2: password },
      });
    for (let i = 0; i < 7; i++) expect((await resetTo(username)).json()).toHaveProperty("password");
    expect((await resetTo("another-pass-1")).statusCode).toBe(200);
    test.clock.advance(60);
  });

  it("ends after its life to the second", async () => {
    // Redis reads its own clock, which runs on while the requests do.
    const almost = test.config.redisUrl === null ? 179.999 : 175;
    const first = await test.codeFor("b4@qq.com");
    test.clock.advance(almost);
    expect((await signUp("b4@qq.com", first)).statusCode).toBe(201);
    const second = await test.codeFor("b5@qq.com");
    test.clock.advance(180);
    expect((await signUp("b5@qq.com", second)).json()).toEqual(expired);
  });

  it("answers a code that was never sent as an expired one", async () => {
    expect((await signUp("b6@qq.com", "ABCDEF")).json()).toEqual(expired);
    expect((await reset("b6@qq.com", "ABCDEF")).json()).toEqual(expired);
  });

  it.each(["bindAccount", "changeEmail"])("a code for %s signs nobody up", async (sent) => {
    const email = `c-${sent.toLowerCase()}@qq.com`;
    expect((await signUp(email, await test.codeFor(email, sent, token))).json()).toEqual(expired);
  });

  it.each(["bindAccount", "changeEmail"])("a code for %s resets no password", async (sent) => {
    test.clock.advance(60);
    const code = await test.codeFor("44@qq.com", sent, token);
    expect((await reset("44@qq.com", code)).json()).toEqual(expired);
  });

  it("a code for a sign-up resets no password of an account that the address came to later", async () => {
    const email = "e1@qq.com";
    const code = await test.codeFor(email, "register");
    test.clock.advance(60);
    const { token } = await test.signUp({ username: "mover01", email: "e2@qq.com" });
    const email_code = await test.codeFor(email, "changeEmail", token);
    const payload = { email, email_code, current_password: "12345678aA" };
    const moved = await test.as(token)({ method: "PUT", url: "/user/email/", payload });
    expect(moved.statusCode, moved.body).toBe(200);
    expect((await reset(email, code)).json()).toEqual(expired);
  });

  it("a code for one address does nothing for another", async () => {
    const code = await test.codeFor("d1@qq.com");
    await test.codeFor("d2@qq.com");
    expect((await signUp("d2@qq.com", code)).json()).toEqual(wrong);
    expect((await signUp("d1@qq.com", code)).statusCode).toBe(201);
  });

  it("is not used up by a sign-up that failed for another reason", async () => {
    const code = await test.codeFor("d3@qq.com");
    for (const over of [
      { password2: "something-else" },
      { username: "python01" },
      { allow: "false" },
      { password: "1" },
    ])
      expect((await signUp("d3@qq.com", code, over)).statusCode).toBe(400);
    expect((await signUp("d3@qq.com", code)).statusCode).toBe(201);
  });
});
