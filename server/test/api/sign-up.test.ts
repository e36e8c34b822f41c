import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

describe("signing up with a code by e-mail", () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp();
  });
  afterAll(() => test.close());

  const form = (over: Record<string, unknown>) => ({
    method: "POST" as const,
    url: "/users/",
    payload: { password: "12345678aA", password2: "12345678aA", allow: "true", ...over },
  });

  it("answers 201 with the account and a token that is recognised", async () => {
    const email_code = await test.codeFor("44@qq.com");
    const answer = await test.anonymous(form({ username: "python01", email: "44@qq.com", email_code }));
    expect(answer.statusCode).toBe(201);
    const body = answer.json();
    expect(body).toMatchObject({ username: "python01", email: "44@qq.com", user_id: body.id });
    expect(Object.keys(body).slice(0, 4)).toEqual(["id", "username", "email", "token"]);
    const me = await test.as(body.token)({ url: "/user/" });
    expect(me.json()).toMatchObject({
      id: body.id,
      username: "python01",
      mobile: null,
      email: "44@qq.com",
      email_active: true,
    });
    expect(me.body).not.toContain("argon2");
  });

  it("logs in by user name and by address, in any case", async () => {
    for (const username of ["python01", "PYTHON01", "44@QQ.com"]) {
      const answer = await test.anonymous({
        method: "POST",
        url: "/users/authorizations/",
        payload: { username, password: "12345678aA" },
      });
      expect(answer.statusCode, answer.body).toBe(200);
      expect(Object.keys(answer.json())).toEqual(["token", "user_id", "username"]);
    }
  });

  it.each([
    // One sign for three letters; a letter and its accent, which become one; and as many as may be.
    ["\ufb03".repeat(7), "too long", "不能超过"],
    ["e\u0301e\u0301e", "too short", "至少"],
    ["e\u0301".repeat(21), "too long", "不能超过"],
  ])("counts a user name's characters as it is stored: %j is %s", async (username, _what, said) => {
    const answer = await test.anonymous(form({ username, email: "9@qq.com", email_code: "AAAAAA" }));
    expect(answer.statusCode).toBe(400);
    expect(answer.json().username).toHaveLength(1);
    expect(answer.json().username[0]).toContain(said);
  });

  it("takes a name of twenty letters that arrives as forty signs", async () => {
    const username = "e\u0301".repeat(20);
    const email_code = await test.codeFor("20@qq.com");
    const answer = await test.anonymous(form({ username, email: "20@qq.com", email_code }));
    expect(answer.statusCode, answer.body).toBe(201);
    expect(answer.json().username).toBe("\u00e9".repeat(20));
  });

  it.each([true, ["44@qq.com"], { a: 1 }])(
    "calls %j no address rather than no text, as the original did",
    async (email) => {
      const answer = await test.anonymous(form({ username: "python03", email, email_code: "ABCDEF" }));
      expect(answer.json()).toEqual({ email: ["请输入合法的邮件地址。"], message: "请输入合法的邮件地址。" });
    },
  );

  it("names the length of an address first, and calls whatever isn't true no agreement", async () => {
    const answer = await test.anonymous(
      form({ username: "python03", email: "x".repeat(300), email_code: "ABCDEF", allow: "x".repeat(300) }),
    );
    expect(answer.json()).toMatchObject({
      email: ["请确保这个字段不能超过 254 个字符。", "请输入合法的邮件地址。"],
      allow: ["未同意协议"],
    });
  });

  it("reports every problem at once, taken names included", async () => {
    const answer = await test.anonymous(
      form({ username: "PYTHON01", email: "44@qq.com", password: "1", allow: "no", email_code: "x" }),
    );
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({
      username: ["已存在一位使用该名字的用户。"],
      email: ["该邮箱已被注册。"],
      password: ["请确保这个字段至少包含 8 个字符。"],
      email_code: ["请确保这个字段至少包含 6 个字符。"],
      allow: ["未同意协议"],
      message: "已存在一位使用该名字的用户。",
    });
  });
});
