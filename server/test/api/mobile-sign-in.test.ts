import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** A proved number in place of an address: to log in, to sign up, to reset the password, and who has it. */
const password = "12345678aA";
const secrets = { password, password2: password };
let numbers = 0;
const number = () => `138${String(++numbers).padStart(8, "0")}`;

const of = (test: TestApp, headers: Record<string, string> = {}) => {
  const post = (url: string, payload: object) => test.anonymous({ method: "POST", url, payload, headers });
  return {
    logIn: (payload: object) => post("/users/codes/sign-in/", payload),
    signUp: (payload: object) => post("/users/", { ...secrets, allow: "true", ...payload }),
    reset: (payload: object) => post("/users/password/", payload),
    byPassword: (username: string, typed = password) =>
      post("/users/authorizations/", { username, password: typed }),
    ask: (mobile: string, sendType: string) =>
      test.anonymous({ url: `/verifications/sms_codes/${mobile}/?send_type=${sendType}`, headers }),
    code: (mobile: string, sendType: string) => {
      test.clock.advance(61);
      return test.smsCodeFor(mobile, undefined, sendType);
    },
    smsTo: async (mobile: string) => {
      await test.runJobs();
      return test.smsBox.filter(({ to }) => to === mobile);
    },
  };
};

describe("a number", () => {
  let test: TestApp;
  let calls: ReturnType<typeof of>;
  let people = 0;
  beforeAll(async () => {
    const CODE_SIGN_IN = "email,sms";
    const env = { CODE_SIGN_IN, SIGN_UP_BY: "email,mobile", USERNAME: "optional", TRUST_PROXY: "1" };
    test = await startTestApp({ env: { ...env, SMS_HOURLY_BUDGET: "10000", SMS_DAILY_BUDGET: "10000" } });
    calls = of(test);
  });
  afterAll(() => test.close());

  /** Somebody by number alone, who signed up with a password. */
  async function owner(mobile = number()) {
    const username = `owner${++people}`;
    const sms_code = await calls.code(mobile, "register");
    const answer = await calls.signUp({ username, mobile, sms_code });
    expect(answer.statusCode, answer.body).toBe(201);
    return { mobile, username, ...(answer.json() as { id: number; token: string }) };
  }

  /** Somebody by address, who wrote a number into the profile and never proved it. */
  async function claimer(mobile: string) {
    const name = `claimer${++people}`;
    const { id, token } = await test.signUp({ username: name, email: `${name}@qq.com` });
    const payload = { mobile, current_password: password };
    const answer = await test.as(token)({ method: "PATCH", url: "/user/", payload });
    expect(answer.statusCode, answer.body).toBe(200);
    return { id, token, email: `${name}@qq.com` };
  }

  const profile = async (token: string) => (await test.as(token)({ url: "/user/" })).json();

  it("signs up in place of an address, proved at once, and logs in by the password", async () => {
    const { mobile, token, username } = await owner();
    expect(await profile(token)).toMatchObject({ username, mobile, mobile_verified: true });
    expect((await calls.byPassword(mobile)).statusCode).toBe(200);
  });

  it("may do without a user name, which never shows the number", async () => {
    const mobile = number();
    const answer = await calls.signUp({ mobile, sms_code: await calls.code(mobile, "register") });
    expect([answer.statusCode, answer.json()]).toMatchObject([201, { email: "" }]);
    expect(answer.json().username).toMatch(/^user\d+$/);
    expect(answer.json().username).not.toContain(mobile.slice(-4));
  });

  it("says what is missing of its own pair alone, and the address's pair goes on as before", async () => {
    const of = async (payload: object) => Object.keys((await calls.signUp(payload)).json());
    expect(await of({ username: "missing01", mobile: number() })).toEqual(["sms_code", "message"]);
    expect(await of({ username: "missing01", mobile: number(), email: "no address", sms_code: "" })).toEqual([
      "sms_code",
      "message",
    ]);
    expect(await of({ username: "missing01", mobile: "" })).toEqual(["email", "email_code", "message"]);
    expect(Object.keys((await calls.reset({ ...secrets, mobile: number() })).json())).toEqual([
      "sms_code",
      "message",
    ]);
  });

  it("of somebody who proved it is nobody else's, and only who proves it is told", async () => {
    const { mobile } = await owner();
    const wrong = await calls.signUp({ username: "another01", mobile, sms_code: "000000" });
    expect(Object.keys(wrong.json())).not.toContain("mobile");
    const sms_code = await calls.code(mobile, "register");
    const answer = await calls.signUp({ username: "another01", mobile, sms_code });
    expect([answer.statusCode, answer.json()]).toMatchObject([400, { mobile: ["该手机号已被使用。"] }]);
  });

  it("that is merely claimed goes to who proves it; the claimer keeps all else, and is told by mail", async () => {
    const mobile = number();
    const claims = await claimer(mobile);
    const { token } = await owner(mobile);
    expect(await profile(token)).toMatchObject({ mobile, mobile_verified: true });
    expect(await profile(claims.token)).toMatchObject({ mobile: null, email: claims.email });
    await test.runJobs();
    const mails = test.mailbox.filter(({ to }) => to === claims.email);
    expect(mails.at(-1)!.subject).toContain("手机号已移除");
    expect(mails.at(-1)!.text).not.toContain(mobile);
    const log = await calls.byPassword(mobile);
    expect(log.json().username).toMatch(/^owner/);
  });

  it("the same by binding it to an account that is there, and by a log-in that makes one", async () => {
    const [first, second] = [number(), number()];
    const [a, b] = [await claimer(first), await claimer(second)];
    const other = await test.signUp({ username: "binder01", email: "binder01@qq.com" });
    test.clock.advance(61);
    const payload = { mobile: first, sms_code: await test.smsCodeFor(first, other.token) };
    const bound = await test.as(other.token)({
      ...{ method: "PUT", url: "/user/mobile/", payload: { ...payload, current_password: password } },
    });
    expect([bound.statusCode, bound.json().mobile]).toEqual([200, first]);
    const sms_code = await calls.code(second, "signIn");
    const made = await calls.logIn({ mobile: second, sms_code, allow: true });
    expect(made.statusCode, made.body).toBe(201);
    for (const { token } of [a, b]) expect(await profile(token)).toMatchObject({ mobile: null });
  });

  it("that somebody gave up is nobody's to keep from who proves it", async () => {
    const { mobile, token } = await owner();
    test.clock.advance(61);
    const old_sms_code = await test.smsCodeFor(mobile, token);
    const payload = { mobile: null, current_password: password, old_sms_code };
    expect((await test.as(token)({ method: "PATCH", url: "/user/", payload })).statusCode).toBe(200);
    expect((await profile((await owner(mobile)).token)).mobile).toBe(mobile);
  });

  it("of an account that was erased goes to who proves it, and to nobody who merely claims it", async () => {
    const [first, second, third] = [await owner(), await owner(), await owner()];
    for (const { token } of [first, second, third]) {
      const payload = { current_password: password };
      const asked = await test.as(token)({ method: "POST", url: "/user/deletion/", payload });
      expect(asked.statusCode, asked.body).toBe(202);
    }
    test.clock.advance(8 * 86_400);
    await test.app.maintenance.run();
    await test.runJobs();
    expect(await test.app.users.byId(first.id)).toBeNull();
    const claims = await test.signUp({ username: `claimer${++people}`, email: `claimer${people}@qq.com` });
    const payload = { mobile: first.mobile, current_password: password };
    const claimed = await test.as(claims.token)({ method: "PATCH", url: "/user/", payload });
    expect([claimed.statusCode, Object.keys(claimed.json())]).toEqual([400, ["mobile", "message"]]);
    expect((await profile((await owner(first.mobile)).token)).mobile).toBe(first.mobile);
    const sms_code = await calls.code(second.mobile, "signIn");
    const made = await calls.logIn({ mobile: second.mobile, sms_code, allow: true });
    expect(made.statusCode, made.body).toBe(201);
    test.clock.advance(61);
    const proved = { mobile: third.mobile, sms_code: await test.smsCodeFor(third.mobile, claims.token) };
    const bound = await test.as(claims.token)({
      ...{ method: "PUT", url: "/user/mobile/", payload: { ...proved, current_password: password } },
    });
    expect([bound.statusCode, bound.json().mobile]).toEqual([200, third.mobile]);
  });

  it("logs in by a code once it is proved, and never while it is merely claimed", async () => {
    const { mobile, id } = await owner();
    const sms_code = await calls.code(mobile, "signIn");
    const answer = await calls.logIn({ mobile, sms_code });
    expect([answer.statusCode, answer.json().user_id]).toEqual([200, id]);
    expect((await calls.logIn({ mobile, sms_code })).json().message).toBe("无效的短信验证码");
    const claimed = number();
    const claims = await claimer(claimed);
    const asked = await calls.logIn({ mobile: claimed, sms_code: await calls.code(claimed, "signIn") });
    expect([asked.statusCode, asked.json().code]).toEqual([403, "sign_up_needed"]);
    expect(await profile(claims.token)).toMatchObject({ mobile: claimed });
  });

  it("resets the password: sessions end, and the owner is told where there is an address", async () => {
    const { mobile, token, id } = await owner();
    await test.app.db.kysely
      .updateTable("users")
      .set({ email: "told@qq.com", email_verified: 0 })
      .where("id", "=", id)
      .execute();
    const typed = { password: "another-8Bb", password2: "another-8Bb" };
    const other = await calls.code(mobile, "signIn");
    expect((await calls.reset({ mobile, sms_code: other, ...typed })).statusCode).toBe(400);
    const sms_code = await calls.code(mobile, "resetpwd");
    const answer = await calls.reset({ mobile, sms_code, ...typed });
    expect([answer.statusCode, answer.json()]).toEqual([200, { message: "OK" }]);
    expect((await test.as(token)({ url: "/user/" })).statusCode).toBe(401);
    const logged = await calls.byPassword(mobile, "another-8Bb");
    expect(logged.statusCode).toBe(200);
    // The number was proved by it, and nothing else.
    expect(await profile(logged.json().token)).toMatchObject({ email_active: false, mobile_verified: true });
    await test.runJobs();
    expect(test.mailbox.filter(({ to }) => to === "told@qq.com").at(-1)!.subject).toContain("密码已修改");
    expect((await calls.reset({ mobile, sms_code, ...typed })).json().message).toBe("无效的短信验证码");
  });

  it("without an account gets no SMS to reset by, and the answer is the same", async () => {
    const [{ mobile }, nobodys] = [await owner(), number()];
    test.clock.advance(3700);
    const before = (await calls.smsTo(mobile)).length;
    const stranger = of(test, { "x-forwarded-for": "203.0.113.8" });
    const spies = [vi.spyOn(test.app.db, "first"), vi.spyOn(test.app.db, "all")];
    const batch = vi.spyOn(test.app.kv, "batch");
    const typed = { sms_code: "000000", password, password2: password };
    const seen = async (to: string) => {
      const answers = [
        await stranger.ask(to, "resetpwd"),
        await stranger.ask(to, "resetpwd"),
        await stranger.reset({ mobile: to, ...typed }),
        await stranger.ask(to, "signIn"),
        await stranger.logIn({ mobile: to, sms_code: "000000" }),
      ];
      const names = spies.flatMap(({ mock }) => mock.calls.map(([statement]) => statement.name));
      const asked = names.filter((name) => !/^(installation\.|signing_keys\.|jobs\.(?!insert))/.test(name));
      const verbs = batch.mock.calls
        .map(([operations]) => operations)
        // What the whole site sent is read once in a while, whoever asks.
        .filter((some) => !some.every(({ verb, key }) => verb === "get" && key.startsWith("{everybody}")))
        .map((operations) => operations.map(({ verb }) => verb));
      for (const spy of [...spies, batch]) spy.mockClear();
      return { answers: answers.map(({ statusCode, body }) => [statusCode, body]), asked, verbs };
    };
    try {
      const known = await seen(mobile);
      expect(await seen(nobodys)).toEqual(known);
      expect(known.answers.map(([status]) => status)).toEqual([200, 400, 400, 200, 400]);
    } finally {
      vi.restoreAllMocks();
    }
    const kinds = async (to: string) => (await calls.smsTo(to)).map(({ purpose }) => purpose);
    expect((await kinds(mobile)).slice(before)).toEqual(["resetpwd"]);
    expect(await kinds(nobodys)).toEqual([]);
    // The vendor's minute is the job's to wait for.
    test.clock.advance(61);
    expect((await kinds(mobile)).slice(before)).toEqual(["resetpwd", "signIn"]);
    expect(await kinds(nobodys)).toEqual(["signIn"]);
  });
});

describe("where the site takes no number", () => {
  const started: TestApp[] = [];
  const start = async (env: Record<string, string>) => {
    const test = await startTestApp({ env });
    started.push(test);
    return { test, ...of(test) };
  };
  afterAll(async () => {
    for (const test of started) await test.close();
  });

  it("nobody signs up or logs in by one, and no SMS is sent for it, unless the site says so", async () => {
    const { test, ask, signUp, logIn } = await start({});
    const mobile = number();
    const told = async (answer: ReturnType<typeof ask>) => [
      (await answer).statusCode,
      (await answer).json().message,
    ];
    expect(await told(ask(mobile, "register"))).toEqual([400, "本站未开放注册。"]);
    expect(await told(ask(mobile, "signIn"))).toEqual([400, "本站不能用验证码登录。"]);
    const form = { username: "nobody01", mobile, sms_code: "000000" };
    expect(await told(signUp(form))).toEqual([400, "本站未开放注册。"]);
    expect(await told(logIn({ mobile, sms_code: "000000" }))).toEqual([400, "本站不能用验证码登录。"]);
    await test.runJobs();
    expect(test.smsBox).toEqual([]);
  });

  it("an unknown number gets no log-in code where it could make no account", async () => {
    const cases: Record<string, string>[] = [
      { SIGN_UP: "closed", SIGN_UP_BY: "mobile" },
      { SIGN_UP_BY: "email" },
    ];
    for (const env of cases) {
      const { ask, smsTo } = await start({ CODE_SIGN_IN: "sms", ...env });
      const mobile = number();
      expect((await ask(mobile, "signIn")).body).toBe('{"message":"OK"}');
      expect(await smsTo(mobile)).toEqual([]);
    }
  });

  it("takes no address to sign up where it takes numbers alone", async () => {
    const { test, signUp } = await start({ SIGN_UP_BY: "mobile" });
    const asked = await test.anonymous({ url: "/verifications/email_codes/a@qq.com/?send_type=register" });
    expect([asked.statusCode, asked.json().message]).toEqual([400, "本站未开放注册。"]);
    const answer = await signUp({ username: "nobody02", email: "a@qq.com", email_code: "222222" });
    expect([answer.statusCode, answer.json().message]).toEqual([400, "本站未开放注册。"]);
  });
});
