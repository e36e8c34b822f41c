import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

describe("resetting a forgotten password", () => {
  let test: TestApp;
  let token: string;
  beforeAll(async () => {
    test = await startTestApp();
    ({ token } = await test.signUp({ username: "python01", email: "44@qq.com", password: "12345678aA" }));
    test.clock.advance(60);
  });
  afterAll(() => test.close());

  const ask = (email: string) =>
    test.anonymous({ url: `/verifications/email_codes/${email}/?send_type=resetpwd` });
  const reset = (payload: Record<string, unknown>) =>
    test.anonymous({
      method: "POST",
      url: "/users/password/",
      payload: { password: "another-pass-1", password2: "another-pass-1", ...payload },
    });
  const logIn = (username: string, password: string) =>
    test.anonymous({ method: "POST", url: "/users/authorizations/", payload: { username, password } });

  it("refuses what is wrong with the fields, all at once, and a password that is too easy", async () => {
    expect((await reset({ password: undefined, password2: undefined })).json()).toEqual({
      email: ["该字段是必填项。"],
      email_code: ["该字段是必填项。"],
      password: ["该字段是必填项。"],
      password2: ["该字段是必填项。"],
      message: "该字段是必填项。",
    });
    const email_code = await test.codeFor("44@qq.com", "resetpwd");
    for (const [password, password2, problem] of [
      ["short", "short", { password: ["请确保这个字段至少包含 8 个字符。"] }],
      ["password123", "password123", { password: ["这个密码太常见了，请换一个。"] }],
      ["python01!", "python01!", { password: ["密码与用户名或邮箱太相似，请换一个。"] }],
      ["another-pass-1", "another-pass-2", { non_field_errors: ["两次密码不一致"] }],
    ] as const) {
      const answer = await reset({ email: "44@qq.com", email_code, password, password2 });
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject(problem);
    }
    expect((await logIn("python01", "12345678aA")).statusCode).toBe(200);
    test.clock.advance(60);
  });

  it("sets the password, ends every token, and tells the owner by mail", async () => {
    const { token: second } = (await logIn("44@qq.com", "12345678aA")).json();
    const email_code = await test.codeFor("44@qq.com", "resetpwd");
    const answer = await reset({ email: "44@QQ.com", email_code });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ message: "OK" });
    for (const dead of [token, second]) expect((await test.as(dead)({ url: "/user/" })).statusCode).toBe(401);
    expect((await logIn("python01", "12345678aA")).statusCode).toBe(400);
    const fresh = await logIn("python01", "another-pass-1");
    expect((await test.as(fresh.json().token)({ url: "/user/" })).statusCode).toBe(200);

    await test.runJobs();
    const notice = test.mailbox.at(-1)!;
    expect(notice.to).toBe("44@qq.com");
    expect(notice.subject).toContain("密码");
    expect(notice.text).not.toContain("another-pass-1");
    expect(notice.text).not.toContain(email_code);
    expect((await reset({ email: "44@qq.com", email_code })).json()).toMatchObject({
      non_field_errors: ["邮箱验证码过期"],
    });
  });

  it("does not tell whether the address has an account", async () => {
    await test.signUp({ username: "python02", email: "45@qq.com" });
    await test.signUp({ username: "python03", email: "46@qq.com" });
    await test.app.db.kysely
      .updateTable("users")
      .set({ is_active: 0 })
      .where("username", "=", "python03")
      .execute();
    test.clock.advance(60);
    const seen: unknown[] = [];
    for (const email of ["45@qq.com", "nobody@qq.com"]) {
      const asked = await ask(email);
      await test.runJobs();
      const answers = [];
      for (let i = 0; i < 6; i++) answers.push(await reset({ email, email_code: "######" }));
      answers.push(await reset({ email, email_code: "######", password: "password123" }));
      seen.push([asked, ...answers].map(({ statusCode, body }) => ({ statusCode, body })));
    }
    expect(seen[1]).toEqual(seen[0]);
    const mail = test.mailbox.at(-1)!;
    expect(mail.to).toBe("nobody@qq.com");
    expect(mail.text).not.toMatch(/\b[2-9A-HJKMNP-Z]{6}\b/);

    const email_code = await test.codeFor("46@qq.com", "resetpwd");
    expect((await reset({ email: "46@qq.com", email_code })).json()).toMatchObject({
      non_field_errors: ["邮箱验证码过期"],
    });
    expect((await logIn("python03", "another-pass-1")).statusCode).toBe(400);
  });
});
