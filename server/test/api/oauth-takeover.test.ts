import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/** Every known way to get into somebody else's account through a third party, and that it is closed. */
let third: ThirdPartyTest;
beforeAll(async () => {
  third = await startThirdPartyTest();
});
beforeEach(() => third.test.clock.advance(60));
afterAll(() => third.close());

const expired = { message: "登录请求已失效，请返回登录页重新开始。" };
const badTicket = { non_field_errors: ["无效的bind_token"], message: "无效的bind_token" };

async function ticketOf(provider: string, person: string, token?: string): Promise<string> {
  return String((await third.logIn(provider, person, token ? { token } : {})).bind_token);
}

function addAccount(provider: string, bind_token: string, username: string) {
  return third.test.anonymous({
    method: "POST",
    url: `/oauth/${provider}/account/`,
    payload: { bind_token, username },
  });
}

describe("who somebody is", () => {
  it("the same nickname as an existing user", async () => {
    const victim = await third.test.signUp({ username: "python01", email: "python01@example.com" });
    for (const provider of ["qq", "weibo", "github", "wechat", "oidc"]) {
      const answer = await third.logIn(provider, "namesake");
      expect(answer).not.toHaveProperty("token");
      expect(answer.profile).toMatchObject({ nickname: "python01" });
      const taken = await addAccount(provider, String(answer.bind_token), "python01");
      expect(taken.statusCode).toBe(400);
      expect(taken.json().username).toEqual(["已存在一位使用该名字的用户。"]);
    }
    const list = await third.test.as(victim.token)({ url: "/user/bindings/" });
    expect(list.json()).toEqual({ bindings: [] });
  });

  it("an unverified e-mail equal to an existing account's", async () => {
    for (const provider of ["github", "oidc"]) {
      const answer = await third.logIn(provider, "namesake");
      expect(answer.profile).toMatchObject({ email: null });
      expect(answer).not.toHaveProperty("user_id");
    }
  });

  it("a verified e-mail equal to an existing account's only fills the form", async () => {
    await third.test.signUp({ username: "xiaomei", email: "xiaomei@example.com" });
    for (const provider of ["github", "oidc"]) {
      const answer = await third.logIn(provider, "xiaomei");
      expect(answer).not.toHaveProperty("token");
      expect(answer.profile).toMatchObject({ email: "xiaomei@example.com" });
    }
  });

  it("binding to an existing account needs its password", async () => {
    await third.test.signUp({ username: "careless", email: "careless@qq.com" });
    third.test.clock.advance(60);
    const email_code = await third.test.codeFor("careless@qq.com", "bindAccount");
    const answer = await third.test.anonymous({
      method: "POST",
      url: "/oauth/qq/user/",
      payload: {
        email: "careless@qq.com",
        email_code,
        password: "attackers-own-1",
        bind_token: await ticketOf("qq", "emoji"),
      },
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().message).toBe("密码错误");
    expect(await third.logIn("qq", "emoji")).not.toHaveProperty("token");
  });

  it("binds nobody before the second factor", async () => {
    const owner = await third.test.signUp({ username: "guarded", email: "guarded@qq.com" });
    const { next } = await switchOnSecondFactor(third.test, "guarded");
    third.test.clock.advance(60);
    const email_code = await third.test.codeFor("guarded@qq.com", "bindAccount");
    const bind_token = await ticketOf("qq", "emoji");
    const payload = { email: "guarded@qq.com", email_code, password: "12345678aA", bind_token };
    const bind = () => third.test.anonymous({ method: "POST", url: "/oauth/qq/user/", payload });
    const bindings = async () =>
      (await third.test.as(owner.token)({ url: "/user/bindings/" })).json().bindings;
    const mails = third.test.mailbox.length;
    const held = await bind();
    expect(held.json(), held.body).toMatchObject({ code: "second_factor_required" });
    const finish = (step: string, code: string) =>
      third.test.anonymous({ method: "POST", url: "/users/second-factor/", payload: { step, code } });
    expect((await finish(held.json().step, "000000")).statusCode).toBe(400);
    await third.test.runJobs();
    expect([await bindings(), third.test.mailbox.length]).toEqual([[], mails]);
    expect(await third.logIn("qq", "emoji"), "still nobody's").toHaveProperty("bind_token");

    // Nothing was used up by being held up; with the second factor all of it is, at once.
    const other = await bind();
    const done = await finish(held.json().step, next());
    expect(done.json(), done.body).toMatchObject({ username: "guarded" });
    expect(await bindings()).toMatchObject([{ provider: "qq" }]);
    const twice = await finish(other.json().step, next());
    expect(twice.json().code ?? twice.json().message, twice.body).toBe("邮箱验证码过期");
    expect((await bind()).statusCode).toBe(400);
    await third.test.runJobs();
    const told = third.test.mailbox.slice(mails).filter(({ subject }) => subject.includes("已绑定QQ"));
    expect(told.map(({ to }) => to)).toEqual(["guarded@qq.com"]);
    await third.test.as(done.json().token)({ method: "DELETE", url: "/user/bindings/qq/" });
  });

  it("a disabled account can't be entered or bound through a provider", async () => {
    const made = await third.createBound("weibo", "rtl", "disabled-one");
    await third.test.app.db.kysely
      .updateTable("users")
      .set({ is_active: 0 })
      .where("id", "=", Number(made.id))
      .execute();
    const callback = await third.authorize("weibo", { person: "rtl" });
    const answer = await third.finish("weibo", callback);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({ message: "该账号已被禁用，请联系客服。" });
  });
});

describe("an ID token that was not made for this log-in", () => {
  it.each([
    ["of another issuer", "wrong-issuer"],
    ["for another application (audience)", "wrong-audience"],
    ["of another log-in (nonce)", "wrong-nonce"],
    ["that has expired", "token-expired"],
    ["signed with another key", "wrong-signature"],
  ])("%s", async (_what, trouble) => {
    const owner = `owner-${trouble}`.slice(0, 20);
    const known = await third.logIn("oidc", "emoji");
    if ("bind_token" in known) await addAccount("oidc", String(known.bind_token), owner);
    const callback = await third.authorize("oidc", { person: "emoji", trouble });
    const answer = await third.finish("oidc", callback);
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({ message: "OpenID Connect服务器异常" });
    // The code is used up: no second try with a better token.
    expect((await third.finish("oidc", callback)).statusCode).toBe(400);
    expect(await third.logIn("oidc", "emoji")).toHaveProperty("token");
  });
});

describe("states", () => {
  it("a state from another browser", async () => {
    const [attacker, victim] = [await third.authorize("qq"), await third.authorize("qq")];
    expect(attacker.cookie).not.toBe(victim.cookie);
    const answer = await third.finish("qq", attacker, { cookie: victim.cookie });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual(expired);
  });

  it("a state begun with a cookie does not work without it", async () => {
    const { cookie } = await third.authorize("qq");
    const bound = await third.authorize("qq", { cookie });
    expect(bound.cookie).toBe(cookie);
    expect((await third.finish("qq", bound)).json()).toEqual(expired);
    const again = await third.authorize("qq", { cookie });
    expect((await third.finish("qq", again, { cookie })).statusCode).toBe(200);
  });

  // What is promised to a victim who follows an attacker's link, and what the front end has to do: docs/providers.md.
  it("a victim without a cookie is protected by the API only where the attacker's browser showed one", async () => {
    const { cookie } = await third.authorize("qq");
    const withCookie = await third.authorize("qq", { cookie });
    expect((await third.finish("qq", withCookie)).json()).toEqual(expired);
    // Begun without a cookie, as by clients that can't send credentials, the link is taken from a browser that has
    // none: the API can't tell it from theirs. Every front end compares the state with the one it left with.
    const withoutCookie = await third.authorize("qq");
    expect((await third.finish("qq", withoutCookie)).statusCode).toBe(200);
    // A browser that has been at a log-in page here has a cookie, and then the link is refused.
    const visited = await third.test.anonymous({ url: "/oauth/providers/" });
    const own = String(visited.headers["set-cookie"]).split(";")[0]!;
    const another = await third.authorize("qq");
    expect((await third.finish("qq", another, { cookie: own })).json()).toEqual(expired);
  });

  it("several tabs of one browser don't disturb each other", async () => {
    const { cookie } = await third.authorize("qq");
    const tabs = [await third.authorize("qq", { cookie }), await third.authorize("weibo", { cookie })];
    expect((await third.finish("weibo", tabs[1]!, { cookie })).statusCode).toBe(200);
    expect((await third.finish("qq", tabs[0]!, { cookie })).statusCode).toBe(200);
  });

  it("an old state", async () => {
    const callback = await third.authorize("qq");
    third.test.clock.advance(601);
    const answer = await third.finish("qq", callback);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual(expired);
  });

  it("a replayed state", async () => {
    const callback = await third.authorize("github");
    expect((await third.finish("github", callback)).statusCode).toBe(200);
    const fresh = await third.authorize("github");
    expect((await third.finish("github", { ...fresh, state: callback.state })).json()).toEqual(expired);
  });

  it.each(["", "/", "0".repeat(64), "f".repeat(32), "x", "/index.html", "中文"])(
    "an invented state %j",
    async (state) => {
      const { code } = await third.authorize("qq");
      const answer = await third.finish("qq", { code, state });
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toEqual(expired);
    },
  );

  it("a state of one provider at another", async () => {
    const [qq, weibo] = [await third.authorize("qq"), await third.authorize("weibo")];
    expect((await third.finish("weibo", { ...weibo, state: qq.state })).json()).toEqual(expired);
    // The mix-up has not used QQ's state up.
    expect((await third.finish("qq", qq)).statusCode).toBe(200);
  });

  it("a state with one digit changed", async () => {
    const callback = await third.authorize("qq");
    const last = callback.state.at(-1) === "0" ? "1" : "0";
    const state = callback.state.slice(0, -1) + last;
    expect((await third.finish("qq", { ...callback, state })).json()).toEqual(expired);
  });
});

describe("tickets", () => {
  it("a ticket of one provider used at another", async () => {
    const ticket = await ticketOf("qq", "long");
    for (const provider of ["weibo", "github", "wechat", "oidc"]) {
      const answer = await addAccount(provider, ticket, "mixed-up");
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toEqual(badTicket);
    }
    expect((await addAccount("qq", ticket, "mixed-up")).statusCode).toBe(201);
  });

  it("a replayed ticket", async () => {
    const ticket = await ticketOf("oidc", "long");
    expect((await addAccount("oidc", ticket, "replay-one")).statusCode).toBe(201);
    expect((await addAccount("oidc", ticket, "replay-two")).json()).toEqual(badTicket);
    const user = await third.test.signUp({ username: "replay-three", email: "replay@qq.com" });
    const added = await third.test.as(user.token)({
      method: "POST",
      url: "/user/bindings/oidc/",
      payload: { bind_token: ticket },
    });
    expect(added.json()).toEqual(badTicket);
  });

  it("a ticket whose use the store was not there to note", async () => {
    const ticket = await ticketOf("oidc", "rtl");
    const { kv, db } = third.test.app;
    const { delete: forget } = kv;
    Object.assign(kv, { delete: () => Promise.reject(new Error("the store is away")) });
    try {
      // What was done is answered as done.
      expect((await addAccount("oidc", ticket, "store-away")).statusCode).toBe(201);
    } finally {
      Object.assign(kv, { delete: forget });
    }
    // The person is free again, the ticket is still in the store: only its mark in the database is left to refuse it.
    await db.kysely.deleteFrom("bindings").where("account_key", "like", "%|rtl").execute();
    expect((await addAccount("oidc", ticket, "store-back")).json()).toEqual(badTicket);
    expect(await third.logIn("oidc", "rtl")).not.toHaveProperty("token");
  });

  it("an old ticket", async () => {
    const ticket = await ticketOf("oidc", "emoji");
    third.test.clock.advance(601);
    expect((await addAccount("oidc", ticket, "too-late")).json()).toEqual(badTicket);
  });

  it("an access token or a state is no ticket, and a ticket is no access token", async () => {
    const user = await third.test.signUp({ username: "tokens", email: "tokens@qq.com" });
    const { state } = await third.authorize("qq");
    for (const wrong of [user.token, state, "garbage"]) {
      expect((await addAccount("qq", wrong, "wrong-kind")).json()).toEqual(badTicket);
    }
    const answer = await third.test.as(await ticketOf("oidc", "emoji"))({ url: "/user/" });
    expect(answer.statusCode).toBe(401);
  });

  it("a ticket that a user asked for, used by another", async () => {
    const [owner, other] = [
      await third.test.signUp({ username: "ticket-owner", email: "owner@qq.com" }),
      await third.test.signUp({ username: "ticket-thief", email: "thief@qq.com" }),
    ];
    const ticket = await ticketOf("weibo", "emoji", owner.token);
    const add = (token: string) =>
      third.test.as(token)({
        method: "POST",
        url: "/user/bindings/weibo/",
        payload: { bind_token: ticket },
      });
    expect((await add(other.token)).json()).toEqual(badTicket);
    expect((await addAccount("weibo", ticket, "ticket-anon")).json()).toEqual(badTicket);
    expect((await add(owner.token)).statusCode).toBe(201);
  });
});

describe("adding a binding", () => {
  it("with a token that is ended while the provider is asked", async () => {
    const user = await third.test.signUp({ username: "robbed", email: "robbed@qq.com" });
    const { code, state } = await third.authorize("github", { person: "rtl", token: user.token });
    const as = third.test.as(user.token);
    const [added, ended] = await Promise.all([
      as({ method: "POST", url: "/user/bindings/github/", payload: { code, state } }),
      as({ method: "POST", url: "/user/tokens/end/" }),
    ]);
    expect(ended.statusCode).toBe(200);
    expect(added.statusCode, added.body).toBe(401);
    const rows = await third.test.app.db.kysely
      .selectFrom("bindings")
      .select("provider")
      .where("user_id", "=", user.id)
      .execute();
    expect(rows).toEqual([]);
  });

  it("somebody else's code brought to a logged-in user", async () => {
    const user = await third.test.signUp({ username: "logged-in", email: "logged-in@qq.com" });
    const other = await third.test.signUp({ username: "attacker", email: "attacker@qq.com" });
    const as = third.test.as(user.token);
    // Begun by nobody, and begun by the attacker.
    for (const token of [undefined, other.token]) {
      const { code, state } = await third.authorize("github", { person: "rtl", ...(token && { token }) });
      const answer = await as({ method: "POST", url: "/user/bindings/github/", payload: { code, state } });
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toEqual(expired);
    }
    expect((await as({ url: "/user/bindings/" })).json()).toEqual({ bindings: [] });
  });
});
