import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { Hooks, SessionEvent, SignUpEvent } from "../../src/hooks/hook-events.ts";
import { makePerson, password, tokenOf } from "../support/people.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/** Hooks of a program that embeds the server, at every door. */
let told: (SignUpEvent | SessionEvent)[] = [];
let hooks: Hooks = {};
const third: ThirdPartyTest = await startThirdPartyTest({
  env: { AUTHENTICATORS: "jwt,basic" },
  hooks: {
    beforeSignUp(event, signal) {
      told.push(event);
      return hooks.beforeSignUp?.(event, signal) ?? { allow: true };
    },
    beforeSession(event, signal) {
      told.push(event);
      return hooks.beforeSession?.(event, signal) ?? { allow: true };
    },
    claims: (event, signal) => hooks.claims?.(event, signal) ?? {},
  },
});
const { test } = third;
afterAll(() => third.close());
beforeEach(() => {
  told = [];
  hooks = {};
  test.clock.advance(60);
});

const refusal = { allow: false, message: { zh: "请先联系客服。", en: "Ask our staff first." } } as const;
const logIn = (username: string, given = password, headers = {}) =>
  test.anonymous({
    ...{ method: "POST", url: "/users/authorizations/", headers },
    payload: { username, password: given },
  });
const signUp = async (username: string, email: string) =>
  test.anonymous({
    method: "POST",
    url: "/users/",
    payload: {
      ...{ username, email, email_code: await test.codeFor(email), allow: "true" },
      ...{ password, password2: password },
    },
  });
const payloadOf = (token: string) =>
  JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as Record<string, unknown>;

describe("before a sign-up", () => {
  it("refuses with its sentence, in the reader's language and where the tutorial's pages look", async () => {
    hooks = { beforeSignUp: () => refusal };
    const answer = await signUp("python01", "a@example.com");
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      { non_field_errors: ["请先联系客服。"], message: "请先联系客服。" },
    ]);
    expect(await test.app.users.byLoginName("python01")).toBeNull();
    expect(told).toEqual([
      {
        ...{ email: "a@example.com", username: "python01", way: "sign_up", provider: null },
        ...{ invited: false, fields: {} },
      },
    ]);
  });

  it("is not asked for a stranger without a right code, and its refusals use no code up", async () => {
    const form = { username: "python02", email: "b@example.com", email_code: "ABCDEF", allow: "true" };
    await test.anonymous({
      method: "POST",
      url: "/users/",
      payload: { ...form, password, password2: password },
    });
    expect(told).toEqual([]);
    hooks = { beforeSignUp: () => refusal };
    const email_code = await test.codeFor("b@example.com");
    const payload = { ...form, email_code, password, password2: password };
    const send = () => test.anonymous({ method: "POST", url: "/users/", payload });
    for (let tries = 0; tries < 7; tries++) expect((await send()).json().message).toBe("请先联系客服。");
    hooks = {};
    expect((await send()).statusCode).toBe(201);
  });

  it("is asked for a first log-in by a third party, too", async () => {
    hooks = { beforeSignUp: () => refusal };
    const { bind_token } = await third.logIn("qq", "penguin");
    const post = (end: string, payload: object) =>
      test.anonymous({ method: "POST", url: `/oauth/qq/${end}/`, payload: { bind_token, ...payload } });
    expect((await post("account", { username: "penguin01" })).json().message).toBe("请先联系客服。");
    const email_code = await test.codeFor("qq@example.com", "bindAccount");
    const byAddress = await post("user", { email: "qq@example.com", email_code, password });
    expect(byAddress.json().message).toBe("请先联系客服。");
    expect(told).toMatchObject([
      { way: "provider_sign_up", provider: "qq", username: "penguin01", email: null },
      { way: "provider_sign_up", provider: "qq", username: null, email: "qq@example.com" },
    ]);
  });

  it("may itself use the database: no transaction is open meanwhile", async () => {
    hooks = {
      async beforeSignUp() {
        await test.app.db.transaction((transaction) =>
          test.app.groups
            .add(transaction, { name: "made by the hook", permissions: [] })
            .then(() => undefined),
        );
        return { allow: true };
      },
    };
    expect((await signUp("python03", "c@example.com")).statusCode).toBe(201);
    expect(await test.app.groups.byName("made by the hook")).not.toBeNull();
  });
});

describe("before a session", () => {
  it("is asked after the password proved right, never before, and refuses", async () => {
    const { id } = await makePerson(test, "member01", { email: "m@example.com" });
    told = [];
    hooks = { beforeSession: () => refusal };
    expect((await logIn("member01", "wrong")).json().message).toBe("无法使用提供的认证信息登录。");
    expect((await logIn("nobody01")).json().message).toBe("无法使用提供的认证信息登录。");
    expect(told).toEqual([]);
    const answer = await logIn("member01", password, { "accept-language": "en" });
    expect([answer.statusCode, answer.json().message]).toEqual([400, "Ask our staff first."]);
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect(told).toEqual([
      {
        ...{
          user_id: id,
          username: "member01",
          email: "m@example.com",
          is_staff: false,
          is_superuser: false,
        },
        ...{ way: "password", provider: null },
      },
    ]);
  });

  it("refusing a right password counts as no wrong one", async () => {
    await makePerson(test, "member02");
    hooks = { beforeSession: () => refusal };
    for (let tries = 0; tries < 30; tries++) expect((await logIn("member02")).statusCode).toBe(400);
    hooks = {};
    expect((await logIn("member02")).statusCode).toBe(200);
  });

  it("is no way around by HTTP Basic or a third party", async () => {
    await makePerson(test, "member03");
    await third.createBound("qq", "emoji", "emoji001");
    hooks = { beforeSession: () => refusal };
    const authorization = `Basic ${Buffer.from(`member03:${password}`).toString("base64")}`;
    const basic = await test.anonymous({ url: "/user/", headers: { authorization } });
    expect([basic.statusCode, basic.json().message]).toEqual([400, "请先联系客服。"]);
    const callback = await third.authorize("qq", { person: "emoji" });
    expect((await third.finish("qq", callback)).json().message).toBe("请先联系客服。");
  });
});

describe("claims", () => {
  it("are added to the token, which is as good as before; ours are as they were", async () => {
    const { id } = await makePerson(test, "member04");
    hooks = { claims: (event) => ({ "shop:roles": ["vip"], "shop:id": event.user_id }) };
    const token = await tokenOf(test, "member04");
    const payload = payloadOf(token);
    expect(Object.keys(payload).slice(0, 4)).toEqual(["user_id", "username", "exp", "email"]);
    expect(payload).toMatchObject({
      user_id: id,
      username: "member04",
      "shop:roles": ["vip"],
      "shop:id": id,
    });
    expect((await test.as(token)({ url: "/user/" })).json().id).toBe(id);
  });

  it.each([
    ["a name of ours", { user_id: 1 }],
    ["another kind of token", { token_type: "refresh" }],
    ["too much", { "shop:big": "x".repeat(3000) }],
  ])("with %s open no session", async (_what, claims) => {
    const name = `member${Object.keys(claims)[0]!.replace(/\W/g, "")}`.slice(0, 20);
    await makePerson(test, name);
    hooks = { claims: () => claims };
    expect((await logIn(name)).statusCode).toBe(503);
  });
});
