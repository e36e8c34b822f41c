import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

let third: ThirdPartyTest;
beforeAll(async () => {
  third = await startThirdPartyTest();
});
beforeEach(() => third.test.clock.advance(60));
afterAll(() => third.close());

const password = "12345678aA";

function bind(provider: string, payload: Record<string, unknown>) {
  return third.test.anonymous({ method: "POST", url: `/oauth/${provider}/user/`, payload });
}

async function ticketOf(provider: string, person: string): Promise<string> {
  return String((await third.logIn(provider, person)).bind_token);
}

async function noticesTo(email: string): Promise<string[]> {
  await third.test.runJobs();
  return third.test.mailbox.filter((mail) => mail.to === email).map((mail) => mail.subject);
}

describe("binding a first log-in with an e-mail code", () => {
  it("makes an account named like the address when there is none", async () => {
    const email = "new1@qq.com";
    const email_code = await third.test.codeFor(email, "bindAccount");
    const access_token = await ticketOf("qq", "penguin");
    const answer = await bind("qq", { password, email, email_code, access_token, login_type: "1" });
    expect(answer.statusCode, answer.body).toBe(200);
    const body = answer.json();
    expect(Object.keys(body)).toEqual(["email", "username", "token", "user_id", "id"]);
    expect(body).toMatchObject({ email, username: email, id: body.user_id });
    const me = await third.test.as(body.token)({ url: "/user/" });
    expect(me.json()).toMatchObject({ id: body.id, email, email_active: true });
    expect(await third.logIn("qq", "penguin")).toMatchObject({ user_id: body.id });
    const logIn = await third.test.anonymous({
      method: "POST",
      url: "/users/authorizations/",
      payload: { username: email, password },
    });
    expect(logIn.statusCode).toBe(200);
    expect(await noticesTo(email)).toContain("【美多商城】已绑定QQ账号");
  });

  it("binds to the account of the address with its password, and tells its owner", async () => {
    const user = await third.test.signUp({ username: "python05", email: "f2@qq.com" });
    third.test.clock.advance(60);
    const email_code = await third.test.codeFor("f2@qq.com", "bindAccount");
    const access_token = await ticketOf("weibo", "xiaomei");
    const form = { email: "f2@qq.com", email_code, access_token };
    const wrong = await bind("weibo", { ...form, password: "wrongpass1" });
    expect(wrong.statusCode).toBe(400);
    expect(wrong.json()).toEqual({ non_field_errors: ["密码错误"], message: "密码错误" });
    // Neither the code nor the ticket was used up by the mistake.
    const answer = await bind("weibo", { ...form, password });
    expect(answer.json()).toMatchObject({ username: "python05", user_id: user.id });
    const list = await third.test.as(answer.json().token)({ url: "/user/bindings/" });
    expect(list.json().bindings).toMatchObject([{ provider: "weibo", nickname: "小美" }]);
    expect(await noticesTo("f2@qq.com")).toContain("【美多商城】已绑定微博账号");
  });

  it.each([
    ["a wrong code", "邮箱验证码错误"],
    ["a code never sent", "邮箱验证码过期"],
  ])("refuses %s", async (kind, text) => {
    const email = `${kind === "a wrong code" ? "wrong" : "never"}@qq.com`;
    if (kind === "a wrong code") await third.test.codeFor(email, "bindAccount");
    const access_token = await ticketOf("github", "emoji");
    const answer = await bind("github", { password, email, email_code: "######", access_token });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({ non_field_errors: [text], message: text });
    expect(await third.logIn("github", "emoji")).not.toHaveProperty("token");
  });

  it("refuses a code of another purpose", async () => {
    const email = "purpose@qq.com";
    const email_code = await third.test.codeFor(email, "register");
    const access_token = await ticketOf("github", "emoji");
    const answer = await bind("github", { password, email, email_code, access_token });
    expect(answer.json().message).toBe("邮箱验证码过期");
  });

  it("asks for every field that is missing at once, and for a ticket under either name", async () => {
    const answer = await bind("qq", {});
    expect(answer.statusCode).toBe(400);
    expect(Object.keys(answer.json())).toEqual([
      "password",
      "email",
      "email_code",
      "access_token",
      "message",
    ]);
    const bad = await bind("qq", {
      password,
      email: "b@qq.com",
      email_code: "ABCDEF",
      bind_token: "garbage",
    });
    expect(bad.json()).toEqual({ non_field_errors: ["无效的bind_token"], message: "无效的bind_token" });
    const old = await bind("qq", { password, email: "b@qq.com", email_code: "ABCDEF", access_token: "x" });
    expect(old.json()).toEqual({ non_field_errors: ["无效的access_token"], message: "无效的access_token" });
  });

  it("refuses a weak password for a new account", async () => {
    const email = "weak@qq.com";
    const email_code = await third.test.codeFor(email, "bindAccount");
    const access_token = await ticketOf("github", "emoji");
    const answer = await bind("github", { password: "password", email, email_code, access_token });
    expect(answer.json()).toMatchObject({ password: ["这个密码太常见了，请换一个。"] });
  });
});

describe("an account without an e-mail address", () => {
  it("is a normal account: log-in, profile, then an address and a password of its own", async () => {
    const made = await third.createBound("wechat", "rtl", "rtl-user");
    expect(made).toMatchObject({ username: "rtl-user", email: "", user_id: made.id });
    expect(await third.logIn("wechat", "rtl")).toMatchObject({ username: "rtl-user" });
    const me = await third.test.as(String(made.token))({ url: "/user/" });
    expect(me.json()).toMatchObject({ username: "rtl-user", email: null, email_active: false });
    for (const guess of ["", "!", "12345678aA"]) {
      const logIn = await third.test.anonymous({
        method: "POST",
        url: "/users/authorizations/",
        payload: { username: "rtl-user", password: guess || " " },
      });
      expect(logIn.statusCode).toBe(400);
    }
  });

  it.each([
    ["a@b.com", "请输入合法用户名。只能包含字母，数字和 ./+/-/_ 字符。"],
    ["abcd", "请确保这个字段至少包含 5 个字符。"],
    ["RTL-USER", "已存在一位使用该名字的用户。"],
  ])("needs a free and proper user name, not %s", async (username, text) => {
    const bind_token = await ticketOf("wechat", "long");
    const answer = await third.test.anonymous({
      method: "POST",
      url: "/oauth/wechat/account/",
      payload: { bind_token, username },
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().username).toEqual([text]);
  });
});

describe("a logged-in user's bindings", () => {
  it("are added, listed and removed, with a mail for each change", async () => {
    const user = await third.test.signUp({ username: "binder", email: "binder@qq.com" });
    const as = third.test.as(user.token);
    expect((await as({ url: "/user/bindings/" })).json()).toEqual({ bindings: [] });

    const byTicket = await as({
      method: "POST",
      url: "/user/bindings/qq/",
      payload: { bind_token: await ticketOf("qq", "emoji") },
    });
    expect(byTicket.statusCode, byTicket.body).toBe(201);
    const { code, state } = await third.authorize("sina", { person: "emoji", token: user.token });
    const byCode = await as({ method: "POST", url: "/user/bindings/weibo/", payload: { code, state } });
    expect(byCode.statusCode, byCode.body).toBe(201);
    expect(byCode.json()).toMatchObject({ provider: "weibo", last_login_at: null });

    const list = (await as({ url: "/user/bindings/" })).json().bindings;
    expect(list.map((one: { provider: string }) => one.provider).sort()).toEqual(["qq", "weibo"]);
    expect(list[0]).not.toHaveProperty("account_key");

    const removed = await as({ method: "DELETE", url: "/user/bindings/sina/" });
    expect(removed.statusCode).toBe(204);
    expect(removed.body).toBe("");
    expect((await as({ method: "DELETE", url: "/user/bindings/weibo/" })).statusCode).toBe(404);
    expect(await third.logIn("weibo", "emoji")).toHaveProperty("bind_token");
    expect(await third.logIn("qq", "emoji")).toMatchObject({ user_id: user.id });
    const subjects = await noticesTo("binder@qq.com");
    expect(subjects.filter((subject) => subject.includes("绑定QQ"))).toHaveLength(1);
    expect(subjects.filter((subject) => subject.includes("绑定微博"))).toHaveLength(1);
    expect(subjects.filter((subject) => subject.includes("解绑微博"))).toHaveLength(1);
  });

  it("adding the same person again changes nothing; to another account it is refused", async () => {
    const [one, two] = [
      await third.test.signUp({ username: "owner-one", email: "one@qq.com" }),
      await third.test.signUp({ username: "owner-two", email: "two@qq.com" }),
    ];
    const add = async (token: string, bind_token: string) =>
      third.test.as(token)({ method: "POST", url: "/user/bindings/github/", payload: { bind_token } });
    // Three tickets from before the person was bound.
    const tickets = [
      await ticketOf("github", "long"),
      await ticketOf("github", "long"),
      await ticketOf("github", "long"),
    ];
    expect((await add(one.token, tickets[0]!)).statusCode).toBe(201);
    expect((await add(one.token, tickets[1]!)).statusCode).toBe(201);
    const refused = await add(two.token, tickets[2]!);
    expect(refused.statusCode).toBe(400);
    expect(refused.json().message).toContain("GitHub账号已绑定其他用户");
    expect(await third.logIn("github", "long")).toMatchObject({ user_id: one.id });
    expect(await noticesTo("two@qq.com")).not.toContain("【美多商城】已绑定GitHub账号");
    expect((await noticesTo("one@qq.com")).filter((one) => one.includes("已绑定GitHub"))).toHaveLength(1);
  });

  it("the last way to log in stays", async () => {
    const made = await third.createBound("github", "nameless", "only-github");
    const as = third.test.as(String(made.token));
    const refused = await as({ method: "DELETE", url: "/user/bindings/github/" });
    expect(refused.statusCode).toBe(400);
    expect(refused.json().message).toContain("唯一的登录方式");
    const bind_token = await ticketOf("weibo", "nameless");
    await as({ method: "POST", url: "/user/bindings/weibo/", payload: { bind_token } });
    expect((await as({ method: "DELETE", url: "/user/bindings/github/" })).statusCode).toBe(204);
    expect((await as({ method: "DELETE", url: "/user/bindings/weibo/" })).statusCode).toBe(400);
    expect(await third.logIn("weibo", "nameless")).toMatchObject({ username: "only-github" });
  });

  it("need a token", async () => {
    for (const request of [
      { method: "GET", url: "/user/bindings/" },
      { method: "POST", url: "/user/bindings/qq/", payload: { bind_token: "x" } },
      { method: "DELETE", url: "/user/bindings/qq/" },
    ] as const) {
      expect((await third.test.anonymous(request)).statusCode).toBe(401);
    }
  });
});
