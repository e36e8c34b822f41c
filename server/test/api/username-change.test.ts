import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { holdMillis } from "../../src/accounts/held-name-store.ts";
import { changeUser } from "../../src/accounts/user-change.ts";
import { claimsOf } from "../support/forged-token.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

const day = 86_400;
const current_password = "12345678aA";

describe("an owner who changes the user name", () => {
  let test: TestApp;
  let id: number;
  let token: string;
  beforeEach(async () => {
    test = await startTestApp({ env: { JWT_EXPIRATION_DELTA: String(60 * day) } });
    ({ id, token } = await test.signUp({ username: "python01", email: "44@qq.com" }));
    return () => test.close();
  });

  const rename = (username: string, more: object = { current_password }, by = token) =>
    test.as(by)({ method: "PUT", url: "/user/username/", payload: { username, ...more } });
  const logIn = async (username: string) =>
    (
      await test.anonymous({
        method: "POST",
        url: "/users/authorizations/",
        payload: { username, password: current_password },
      })
    ).statusCode;
  const count = async (username: string) =>
    (await test.anonymous({ url: `/users/usernames/${username}/count/` })).json().count;

  it("logs in by the new one alone, keeps every log-in, and gets a token with the new one", async () => {
    const answer = await rename("zhangsan");
    expect(answer.statusCode, answer.body).toBe(200);
    expect(answer.json()).toMatchObject({ id, username: "zhangsan", email: "44@qq.com" });
    const { v, sid } = claimsOf(token) as { v?: unknown; sid?: unknown };
    expect(claimsOf(answer.json().token)).toMatchObject({ username: "zhangsan", v, sid });
    expect([await logIn("zhangsan"), await logIn("python01")]).toEqual([200, 400]);
    for (const one of [token, answer.json().token]) {
      expect((await test.as(one)({ url: "/user/" })).json()).toMatchObject({ username: "zhangsan" });
    }
  });

  it("is told by mail, and the audit log has who was called what", async () => {
    const { "x-request-id": request_id } = (await rename("zhangsan")).headers;
    await test.runJobs();
    expect(test.mailbox.at(-1)).toMatchObject({ to: "44@qq.com", subject: "【美多商城】您的用户名已修改" });
    expect(test.mailbox.at(-1)?.text).toContain("zhangsan");
    const entry = await test.app.db.kysely.selectFrom("audit_entries").selectAll().executeTakeFirstOrThrow();
    expect(entry).toMatchObject({ actor_id: id, actor: "python01", action: "user.change", target_id: id });
    expect(entry).toMatchObject({ before: '{"username":"python01"}', after: '{"username":"zhangsan"}' });
    expect(entry.request_id).toBe(request_id);
  });

  it("needs the present password, and a name that a sign-up would take", async () => {
    await test.signUp({ username: "python02", email: "45@qq.com" });
    expect((await rename("zhangsan", {})).json()).toHaveProperty("current_password");
    expect((await rename("zhangsan", { current_password: "wrong-one-1" })).json()).toHaveProperty(
      "current_password",
    );
    for (const name of ["python02", "45@qq.com", "admin", "13800138000", "abc", "a b c d e"]) {
      const answer = await rename(name);
      expect(answer.statusCode, name).toBe(400);
      expect(answer.json(), name).toHaveProperty("username");
    }
    expect(await logIn("python01")).toBe(200);
  });

  it("may do it again after thirty days, not before, and is told when", async () => {
    expect((await rename("zhangsan")).statusCode).toBe(200);
    test.clock.advance(29 * day);
    const early = await rename("lisi-1985");
    expect(early.statusCode).toBe(400);
    expect(early.json().message).toContain("30 天");
    expect(Number(early.headers["retry-after"])).toBe(day);
    test.clock.advance(day);
    expect((await rename("lisi-1985")).statusCode).toBe(200);
  });

  it("holds the old name against everybody else, an operator too, and may take it back", async () => {
    await rename("zhangsan");
    expect(await count("python01")).toBe(1);
    const other = await test.signUp({ username: "python03", email: "46@qq.com" });
    const refused = await rename("Python01", { current_password }, other.token);
    expect(refused.json()).toEqual({
      username: ["已存在一位使用该名字的用户。"],
      message: "已存在一位使用该名字的用户。",
    });
    const byOperator = test.app.db.transaction((transaction) =>
      changeUser(transaction, test.clock, other.id, { username: "python01" }),
    );
    await expect(byOperator).rejects.toMatchObject({ code: "invalid_fields" });
    test.clock.advance(30 * day);
    expect((await rename("python01")).statusCode).toBe(200);
    expect([await logIn("python01"), await logIn("zhangsan")]).toEqual([200, 400]);
    // What is held is now the other one.
    expect(await count("zhangsan")).toBe(1);
  });

  it("gives it up for good after ninety days", async () => {
    await rename("zhangsan");
    test.clock.advance(89 * day);
    await test.app.maintenance.run();
    expect(await count("python01")).toBe(1);
    test.clock.advance(2 * day);
    await test.app.maintenance.run();
    expect(await count("python01")).toBe(0);
    expect((await test.signUp({ username: "python01", email: "47@qq.com" })).id).not.toBe(id);
  });

  it("may give it another writing, which holds nothing", async () => {
    expect((await rename("Python01")).json()).toMatchObject({ username: "Python01" });
    expect(await test.app.db.kysely.selectFrom("held_names").selectAll().execute()).toEqual([]);
    expect(await logIn("python01")).toBe(200);
  });
});

describe("what else is given up", () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp();
  });
  afterAll(() => test.close());

  it("an address is held, for a sign-up too", async () => {
    const { token } = await test.signUp({ username: "python01", email: "44@qq.com" });
    const email_code = await test.codeFor("new@qq.com", "changeEmail", token);
    const payload = { email: "new@qq.com", email_code, current_password };
    await test.as(token)({ method: "PUT", url: "/user/email/", payload });
    expect((await test.anonymous({ url: "/users/emails/44@qq.com/count/" })).json().count).toBe(1);
    test.clock.advance(61);
    await expect(test.signUp({ username: "nextowner", email: "44@qq.com" })).rejects.toThrow(
      "该邮箱已被注册",
    );
  });

  it("of numbers, which nobody proves, the last three are: nobody keeps others from theirs", async () => {
    const { token } = await test.signUp({ username: "collector", email: "45@qq.com" });
    const number = (n: number) => `1380000000${n}`;
    for (const n of [1, 2, 3, 4, 5, 6]) {
      test.clock.advance(1);
      const payload = { mobile: number(n), current_password };
      expect((await test.as(token)({ method: "PATCH", url: "/user/", payload })).statusCode).toBe(200);
    }
    const { token: other } = await test.signUp({ username: "realowner", email: "46@qq.com" });
    const taken: number[] = [];
    for (const n of [1, 2, 3, 4, 5, 6]) {
      const payload = { mobile: number(n), current_password };
      const { statusCode } = await test.as(other)({ method: "PATCH", url: "/user/", payload });
      taken.push(statusCode);
    }
    expect(taken).toEqual([200, 200, 400, 400, 400, 400]);
  });
});

it("no name is held for less than the longest life of a token, ours or another service's", () => {
  const settings = { nameHoldDays: 1, tokenLifeSeconds: 60, foreignTokens: { lifeSeconds: 60 } };
  expect(holdMillis(settings)).toBe(day * 1000);
  expect(holdMillis({ ...settings, tokenLifeSeconds: 7 * day })).toBe(7 * day * 1000);
  expect(holdMillis({ ...settings, foreignTokens: { lifeSeconds: 400 * day } })).toBe(400 * day * 1000);
});
