import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A code in place of a password: whose account it opens, when it makes one, and what nobody learns of it. */
const url = "/users/codes/sign-in/";
const expired = { non_field_errors: ["邮箱验证码过期"], message: "邮箱验证码过期" };

const by = (test: TestApp, headers: Record<string, string> = {}) => ({
  logIn: (payload: object) => test.anonymous({ method: "POST", url, payload, headers }),
  ask: (email: string) =>
    test.anonymous({ url: `/verifications/email_codes/${email}/?send_type=signIn`, headers }),
  mailTo: async (email: string) => {
    await test.runJobs();
    return test.mailbox.filter(({ to }) => to === email).at(-1)!;
  },
});

describe("a log-in by a code", () => {
  let test: TestApp;
  let calls: ReturnType<typeof by>;
  beforeAll(async () => {
    test = await startTestApp({
      env: { CODE_SIGN_IN: "email", USERNAME: "optional", TERMS_VERSION: "3", TRUST_PROXY: "1" },
    });
    calls = by(test);
  });
  afterAll(() => test.close());

  it("opens the account of a confirmed address, once", async () => {
    const { id } = await test.signUp({ username: "opener01", email: "a1@qq.com" });
    const email_code = await test.codeFor("a1@qq.com", "signIn");
    const answer = await calls.logIn({ email: "A1@QQ.com", email_code, refresh: true });
    expect([answer.statusCode, answer.json()]).toMatchObject([200, { user_id: id, username: "opener01" }]);
    expect(answer.json().refresh_token).toEqual(expect.any(String));
    expect((await test.as(answer.json().token)({ url: "/user/" })).statusCode).toBe(200);
    const again = await calls.logIn({ email: "a1@qq.com", email_code });
    expect([again.statusCode, again.json()]).toEqual([400, expired]);
  });

  it("takes no code of another purpose or address, and none of its own is good for another", async () => {
    await test.signUp({ username: "opener02", email: "a2@qq.com" });
    test.clock.advance(61);
    const reset = await test.codeFor("a2@qq.com", "resetpwd");
    expect((await calls.logIn({ email: "a2@qq.com", email_code: reset })).json()).toEqual(expired);
    test.clock.advance(61);
    const email_code = await test.codeFor("a2@qq.com", "signIn");
    expect((await calls.logIn({ email: "a1@qq.com", email_code })).statusCode).toBe(400);
    const secrets = { password: "another-8Bb", password2: "another-8Bb" };
    const payload = { email: "a2@qq.com", email_code, ...secrets };
    const other = await test.anonymous({ method: "POST", url: "/users/password/", payload });
    expect([400, other.statusCode]).toContain(other.statusCode);
    expect((await calls.logIn({ email: "a2@qq.com", email_code })).statusCode).toBe(200);
  });

  it("takes five wrong ones, and then the right one no more", async () => {
    await test.signUp({ username: "opener03", email: "a3@qq.com" });
    test.clock.advance(61);
    const email_code = await test.codeFor("a3@qq.com", "signIn");
    for (let i = 0; i < 5; i++) {
      expect((await calls.logIn({ email: "a3@qq.com", email_code: "222222" })).json().message).toBe(
        "邮箱验证码错误",
      );
    }
    expect((await calls.logIn({ email: "a3@qq.com", email_code })).json()).toEqual(expired);
  });

  it("makes an account of an address without one only with the terms, by the same code", async () => {
    const email_code = await test.codeFor("new.comer@qq.com", "signIn");
    for (let i = 0; i < 7; i++) {
      const asked = await calls.logIn({ email: "new.comer@qq.com", email_code });
      expect([asked.statusCode, asked.json()]).toMatchObject([403, { code: "sign_up_needed" }]);
    }
    const made = await calls.logIn({ email: "new.comer@qq.com", email_code, allow: "true", username: "" });
    expect([made.statusCode, made.json()]).toMatchObject([201, { username: "new.comer" }]);
    const own = (await test.as(made.json().token)({ url: "/user/" })).json();
    expect(own).toMatchObject({ email: "new.comer@qq.com", email_active: true });
    const consents = await test.app.db.kysely
      .selectFrom("consents")
      .select("version")
      .where("user_id", "=", own.id)
      .execute();
    expect(consents).toEqual([{ version: "3" }]);
    // It has no password, so no typed one opens it.
    const payload = { username: "new.comer", password: "!" };
    const typed = await test.anonymous({ method: "POST", url: "/users/authorizations/", payload });
    expect(typed.statusCode).toBe(400);
  });

  it("makes it under a chosen name, and one that is taken leaves the code usable", async () => {
    const email_code = await test.codeFor("a5@qq.com", "signIn");
    const allow = true;
    const taken = await calls.logIn({ email: "a5@qq.com", email_code, allow, username: "opener01" });
    expect([taken.statusCode, Object.keys(taken.json())]).toEqual([400, ["username", "message"]]);
    const made = await calls.logIn({ email: "a5@qq.com", email_code, allow, username: "chosen01" });
    expect([made.statusCode, made.json().username]).toEqual([201, "chosen01"]);
  });

  it("opens no account whose address was never confirmed; the mail says why, the answer doesn't", async () => {
    const { id } = await test.signUp({ username: "opener06", email: "a6@qq.com" });
    const users = test.app.db.kysely.updateTable("users").where("id", "=", id);
    test.clock.advance(61);
    const email_code = await test.codeFor("a6@qq.com", "signIn");
    await users.set({ email_verified: 0 }).execute();
    expect((await calls.logIn({ email: "a6@qq.com", email_code })).json()).toEqual(expired);
    test.clock.advance(61);
    const answer = await calls.ask("a6@qq.com");
    expect([answer.statusCode, answer.body]).toEqual([200, '{"message":"OK"}']);
    const mail = await calls.mailTo("a6@qq.com");
    expect(mail.text).toContain("还没有确认过这个邮箱");
    expect(mail.text).not.toMatch(/^ *[2-9A-HJKMNP-Z]{6}$/m);
  });

  it("says of a disabled account that it is, to who has its code alone", async () => {
    const { id } = await test.signUp({ username: "opener07", email: "a7@qq.com" });
    test.clock.advance(61);
    const email_code = await test.codeFor("a7@qq.com", "signIn");
    await test.app.db.kysely.updateTable("users").set({ is_active: 0 }).where("id", "=", id).execute();
    expect((await calls.logIn({ email: "a7@qq.com", email_code: "222222" })).json().message).toBe(
      "邮箱验证码错误",
    );
    const answer = await calls.logIn({ email: "a7@qq.com", email_code });
    expect([answer.statusCode, answer.json().message]).toEqual([400, "该账号已被禁用，请联系客服。"]);
  });

  it("costs the same calls and gets the same answers with an account and without one", async () => {
    await test.signUp({ username: "opener08", email: "a8@qq.com" });
    test.clock.advance(3700);
    const { app } = test;
    // No device that the account knows: that has counters of its own.
    const stranger = by(test, { "x-forwarded-for": "203.0.113.8" });
    const spies = [vi.spyOn(app.db, "first"), vi.spyOn(app.db, "all")];
    const batch = vi.spyOn(app.kv, "batch");
    const seen = async (work: () => ReturnType<TestApp["anonymous"]>) => {
      const answer = await work();
      const names = spies.flatMap(({ mock }) => mock.calls.map(([statement]) => statement.name));
      const asked = names.filter((name) => !/^(installation\.|signing_keys\.|jobs\.(?!insert))/.test(name));
      const verbs = batch.mock.calls.map(([operations]) => operations.map(({ verb }) => verb));
      for (const spy of [...spies, batch]) spy.mockClear();
      return { status: answer.statusCode, body: answer.body, asked, verbs };
    };
    const all = async (email: string) => [
      await seen(() => stranger.ask(email)),
      await seen(() => stranger.ask(email)),
      await seen(() => stranger.logIn({ email, email_code: "222222" })),
      await seen(() => stranger.logIn({ email, email_code: "222222", allow: "true" })),
    ];
    try {
      const known = await all("a8@qq.com");
      expect(await all("nobody8@qq.com")).toEqual(known);
      expect(known.map(({ status }) => status)).toEqual([200, 400, 400, 400]);
      expect(known.every(({ asked }) => asked.length > 0)).toBe(true);
    } finally {
      vi.restoreAllMocks();
    }
  });
});

describe("where the site's rules keep people out", () => {
  const started: TestApp[] = [];
  const start = async (env: Record<string, string>) => {
    const test = await startTestApp({ env });
    started.push(test);
    return { test, ...by(test) };
  };
  afterAll(async () => {
    for (const test of started) await test.close();
  });

  it("nobody logs in by a code, and no code is sent, unless the site says so", async () => {
    const { test, ask, logIn } = await start({});
    const off = { message: "本站不能用验证码登录。" };
    const asked = await ask("b1@qq.com");
    expect([asked.statusCode, asked.json()]).toEqual([400, off]);
    const answer = await logIn({ email: "b1@qq.com", email_code: "222222" });
    expect([answer.statusCode, answer.json()]).toEqual([400, off]);
    await test.runJobs();
    expect(test.mailbox).toHaveLength(0);
  });

  it("a closed site sends an unknown address no code; the mail says why", async () => {
    const { test, ask, logIn, mailTo } = await start({ CODE_SIGN_IN: "email", SIGN_UP: "closed" });
    const answer = await ask("b2@qq.com");
    expect([answer.statusCode, answer.body]).toEqual([200, '{"message":"OK"}']);
    const mail = await mailTo("b2@qq.com");
    expect(mail.text).toContain("没有使用这个邮箱的账号");
    expect(mail.text).not.toMatch(/^ *[2-9A-HJKMNP-Z]{6}$/m);
    expect((await logIn({ email: "b2@qq.com", email_code: "222222", allow: "true" })).statusCode).toBe(400);
    expect(test.mailbox).toHaveLength(1);
  });

  it("an address of a refused domain gets none either", async () => {
    const { ask, mailTo } = await start({ CODE_SIGN_IN: "email", SIGN_UP_REFUSED_DOMAINS: "spam.example" });
    expect((await ask("b3@spam.example")).statusCode).toBe(200);
    expect((await mailTo("b3@spam.example")).text).toContain("没有使用这个邮箱的账号");
  });

  it("by invitation: with one, and with a user name where the site asks for one", async () => {
    const { test, logIn } = await start({ CODE_SIGN_IN: "email", SIGN_UP: "invitation" });
    const email_code = await test.codeFor("b4@qq.com", "signIn");
    const all = { email: "b4@qq.com", email_code, allow: "true", username: "invited01" };
    expect((await logIn(all)).json().message).toBe("本站凭邀请注册，请打开邀请中的链接。");
    const nobody = { id: null, name: "test", requestId: null };
    const asked = { email: null, groupId: null, maxUses: 1, lifeSeconds: 600 };
    const { token: invitation } = await test.app.invitations.add(nobody, asked);
    const nameless = await logIn({ ...all, username: "", invitation });
    expect([nameless.statusCode, Object.keys(nameless.json())]).toEqual([400, ["username", "message"]]);
    expect((await logIn({ ...all, invitation })).statusCode).toBe(201);
  });
});
