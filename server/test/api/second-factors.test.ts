import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimsOf, forge } from "../support/forged-token.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { appCode, switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let test: TestApp;
const lines: string[] = [];
beforeAll(async () => {
  test = await startTestApp({
    env: { AUTHENTICATORS: "jwt,basic" },
    logTo: { write: (line) => void lines.push(line) },
  });
});
afterAll(() => test.close());

let count = 0;
async function person(): Promise<Person & { email: string }> {
  const username = `person${++count}`;
  const email = `${username}@qq.com`;
  return { ...(await makePerson(test, username, { email })), email };
}
const post = (url: string, payload: object, token?: string, headers = {}) =>
  (token === undefined ? test.anonymous : test.as(token))({ method: "POST", url, payload, headers });
const logIn = (username: string, headers = {}) =>
  post("/users/authorizations/", { username, password }, undefined, headers);
const stepOf = async (username: string, headers = {}) =>
  (await logIn(username, headers)).json().step as string;
const finish = (step: string, code: string, headers = {}) =>
  post("/users/second-factor/", { step, code }, undefined, headers);

describe("switching it on", () => {
  it("takes the present password or a fresh log-in, and a code of the app", async () => {
    const { token, username } = await person();
    const begin = (body = {}) => post("/user/second-factor/", body, token);
    expect((await begin()).statusCode, "a log-in of this minute").toBe(200);
    test.clock.advance(901);
    const refused = await begin();
    expect([refused.statusCode, refused.json()]).toEqual([
      403,
      {
        message: "为了账号安全，请先确认是您本人（或重新登录）再试。",
        code: "reauthentication_required",
        action: "second_factor",
        methods: ["password", "email_code", "log_in"],
        providers: [],
        email: "p***@qq.com",
        max_age: 900,
      },
    ]);
    expect((await begin({ current_password: "not it" })).json()).toMatchObject({
      current_password: ["密码错误"],
    });
    const begun = await begin({ current_password: password });
    expect(begun.headers["cache-control"]).toBe("no-store");
    const { secret, uri } = begun.json();
    expect(decodeURIComponent(uri)).toContain(`otpauth://totp/美多商城:${username}?`);
    expect(uri).toContain(`secret=${secret}`);
    const english = await test.as(token)({
      ...{ method: "POST", url: "/user/second-factor/", payload: { current_password: password } },
      headers: { "accept-language": "en" },
    });
    expect(decodeURIComponent(english.json().uri)).toContain("issuer=Meiduo&");
    const { secret: present } = english.json();

    // Until a code came back nothing is asked for.
    expect((await logIn(username)).statusCode).toBe(200);
    const confirm = (code: string) => post("/user/second-factor/confirm/", { code }, token);
    expect((await confirm("000000")).json()).toMatchObject({ code: [expect.stringContaining("验证码不对")] });
    const code = appCode(present, test.clock.now());
    const confirmed = await confirm(code);
    expect(confirmed.statusCode).toBe(200);
    expect(confirmed.json().recovery_codes).toHaveLength(10);
    expect((await confirm(appCode(present, test.clock.now() + 30_000))).json().message).toBe(
      "两步验证已经开启。",
    );
    expect((await begin({ current_password: password })).json().message).toBe("两步验证已经开启。");

    // The code that switched it on is used up.
    expect((await finish(await stepOf(username), code)).statusCode).toBe(400);
    await test.runJobs();
    expect(test.mailbox.at(-1)).toMatchObject({ subject: "【美多商城】两步验证已开启" });
    for (const one of [secret, present]) expect(lines.join("")).not.toContain(one);
  });

  it("says how many recovery codes are left", async () => {
    const { token, username } = await person();
    const status = async () => (await test.as(token)({ url: "/user/second-factor/" })).json();
    expect(await status()).toMatchObject({ enabled: false, required: false, since: null, methods: [] });
    const { recoveryCodes } = await switchOnSecondFactor(test, username);
    const on = { enabled: true, since: expect.any(String), methods: ["totp", "recovery_code"] };
    expect(await status()).toMatchObject({ ...on, recovery_codes_left: 10 });
    await finish(await stepOf(username), recoveryCodes[3]!);
    expect(await status()).toMatchObject({ ...on, recovery_codes_left: 9 });
  });
});

describe("logging in", () => {
  it("goes by a step that the right code finishes, once", async () => {
    const { username } = await person();
    const { next } = await switchOnSecondFactor(test, username);
    const first = await logIn(username);
    expect(first.statusCode).toBe(403);
    expect(first.json()).toEqual({
      message: "请完成两步验证。",
      code: "second_factor_required",
      step: expect.stringMatching(/^[\w-]{32}$/),
      methods: ["totp", "recovery_code"],
      ...{ expires_in: 600, remember_days: 30 },
    });
    expect(first.headers["set-cookie"]).toBeUndefined();
    const { step } = first.json();
    const code = next();
    const second = await post("/users/second-factor/", { step, code, refresh: true });
    expect(second.json()).toMatchObject({
      username,
      token: expect.any(String),
      refresh_token: expect.any(String),
    });
    expect((await test.as(second.json().token)({ url: "/user/" })).json().username).toBe(username);
    const proof = await test.app.db.kysely
      .selectFrom("sessions")
      .select(["factor", "proved_at"])
      .where("id", "=", String(claimsOf(second.json().token).sid))
      .execute();
    expect(proof).toEqual([{ factor: "totp", proved_at: test.clock.now() }]);
    expect((await finish(step, next())).json().message).toBe("这次登录已失效，请重新登录。");
    expect((await finish(await stepOf(username), code)).json().message, "the same digits").toContain(
      "已用过",
    );
    expect(lines.join("")).not.toContain(step);
  });

  it("problem+json has the step, too", async () => {
    const { username } = await person();
    await switchOnSecondFactor(test, username);
    const answer = await logIn(username, { accept: "application/problem+json" });
    expect(answer.json()).toMatchObject({ code: "second_factor_required", step: expect.any(String) });
  });

  it("a step ends after ten minutes, five wrong codes, in another browser, and with the credentials", async () => {
    const { username, token } = await person();
    const { next, recoveryCodes } = await switchOnSecondFactor(test, username);
    const ended = "这次登录已失效，请重新登录。";
    const late = await stepOf(username);
    test.clock.advance(601);
    expect((await finish(late, next())).json().message).toBe(ended);

    const guessed = await stepOf(username);
    for (let i = 0; i < 5; i++)
      expect((await finish(guessed, "000000")).json().message).toContain("验证码不对");
    expect((await finish(guessed, next())).json().message).toBe(ended);
    test.clock.advance(3600);

    const phone = { "user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1" };
    const moved = await stepOf(username);
    expect((await finish(moved, next(), phone)).json().message).toBe(ended);

    const before = await stepOf(username);
    await post("/user/tokens/end/", {}, token);
    expect((await finish(before, recoveryCodes[0]!)).json().message).toBe(ended);
  });

  it("a recovery code works once, and its owner is told, also when few are left", async () => {
    const { username } = await person();
    const { recoveryCodes } = await switchOnSecondFactor(test, username);
    const use = async (code: string) => (await finish(await stepOf(username), code)).statusCode;
    expect(await use(recoveryCodes[0]!.toLowerCase())).toBe(200);
    expect(await use(recoveryCodes[0]!)).toBe(400);
    await test.runJobs();
    expect(test.mailbox.at(-1)!.subject).toBe("【美多商城】有人使用了您的恢复码");
    for (const code of recoveryCodes.slice(1, 7)) {
      expect(await use(code)).toBe(200);
      test.clock.advance(3600);
    }
    await test.runJobs();
    expect(test.mailbox.at(-1)!.subject).toBe("【美多商城】您的恢复码快用完了");
  });

  it("a stranger with the password who guesses leaves the owner's device and recovery codes open", async () => {
    const { username } = await person();
    const known = { cookie: String((await logIn(username)).headers["set-cookie"]).split(";")[0]! };
    const { next, recoveryCodes } = await switchOnSecondFactor(test, username);
    const stranger = { "user-agent": "curl/8.0" };
    let refused = 0;
    for (let i = 0; i < 30; i++) {
      const answer = await finish(await stepOf(username, stranger), "000000", stranger);
      if (answer.statusCode === 429) refused++;
    }
    expect(refused).toBeGreaterThan(0);
    expect((await finish(await stepOf(username, stranger), next(), stranger)).statusCode).toBe(429);
    expect((await finish(await stepOf(username, known), next(), known)).statusCode).toBe(200);
    expect((await finish(await stepOf(username, stranger), recoveryCodes[0]!, stranger)).statusCode).toBe(
      200,
    );
  });

  it("a password reset leaves it on", async () => {
    const { username, email } = await person();
    const { next } = await switchOnSecondFactor(test, username);
    const email_code = await test.codeFor(email, "resetpwd");
    const typed = { password: "another-8Bb", password2: "another-8Bb" };
    expect((await post("/users/password/", { email, email_code, ...typed })).statusCode).toBe(200);
    const first = await post("/users/authorizations/", { username, password: "another-8Bb" });
    expect(first.statusCode).toBe(403);
    expect((await finish(first.json().step, next())).statusCode).toBe(200);
  });

  it("on simplejwt's path is a 401 with the code, and goes on there", async () => {
    const { username } = await person();
    const { next } = await switchOnSecondFactor(test, username);
    const first = await post("/api/token/", { username, password });
    expect([first.statusCode, first.json()]).toEqual([
      401,
      expect.objectContaining({
        code: "second_factor_required",
        detail: expect.any(String),
        step: expect.any(String),
      }),
    ]);
    expect(first.json()).not.toHaveProperty("message");
    const done = await post("/api/token/second-factor/", { step: first.json().step, code: next() });
    expect(Object.keys(done.json())).toEqual(["refresh", "access"]);
    expect((await test.as(done.json().access)({ url: "/user/" })).statusCode).toBe(200);
  });
});

describe("what can't carry a step is refused", () => {
  it("HTTP Basic", async () => {
    const { username } = await person();
    const headers = { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
    expect((await test.anonymous({ url: "/user/", headers })).statusCode).toBe(200);
    await switchOnSecondFactor(test, username);
    const answer = await test.anonymous({ url: "/user/", headers });
    expect([answer.statusCode, answer.json().code]).toEqual([401, "second_factor_required"]);
  });

  it("another service's token, unless a setting trusts it; our own goes on", async () => {
    const { id, username, token } = await person();
    const exp = Math.floor(test.clock.now() / 1000) + 3600;
    const foreign = forge({ user_id: id, username, email: "", exp });
    expect((await test.as(foreign)({ url: "/user/" })).statusCode).toBe(200);
    await switchOnSecondFactor(test, username);
    const answer = await test.as(foreign)({ url: "/user/" });
    expect([answer.statusCode, answer.json().code]).toEqual([401, "second_factor_required"]);
    expect((await test.as(token)({ url: "/user/" })).statusCode).toBe(200);
  });
});

describe("changing it", () => {
  it("other recovery codes end those before; switching it off takes a code, and tells the owner", async () => {
    const { username, token } = await person();
    const { next, recoveryCodes } = await switchOnSecondFactor(test, username);
    const renewed = await post("/user/second-factor/recovery-codes/", { code: next() }, token);
    expect(renewed.json().recovery_codes).toHaveLength(10);
    expect((await finish(await stepOf(username), recoveryCodes[0]!)).statusCode).toBe(400);
    const remove = (code: string) => post("/user/second-factor/remove/", { code }, token);
    expect((await remove("000000")).statusCode).toBe(400);
    expect((await logIn(username)).statusCode).toBe(403);
    expect((await remove(renewed.json().recovery_codes[0])).statusCode).toBe(200);
    expect((await logIn(username)).statusCode).toBe(200);
    await test.runJobs();
    expect(test.mailbox.at(-1)!.subject).toBe("【美多商城】两步验证已关闭");
    expect(
      await test.app.db.kysely
        .selectFrom("recovery_codes")
        .selectAll()
        .where("user_id", "=", (await test.app.users.byLoginName(username))!.id)
        .execute(),
    ).toEqual([]);
  });

  it("staff take it from an account whose owner lost it: with a reason, told, audited, never from themselves", async () => {
    const staff = await makePerson(test, `staff${++count}`, { is_staff: 1, is_superuser: 1 });
    const { id, username, token } = await person();
    await switchOnSecondFactor(test, username);
    const reset = (
      who: string,
      whose: number,
      body: object = { reason: "lost the phone; came with a passport" },
    ) => post(`/admin/users/${whose}/second-factor/reset/`, body, who);
    expect((await reset(staff.token, id, {})).statusCode).toBe(400);
    expect((await reset(token, id)).statusCode).toBe(403);
    expect((await reset(staff.token, id)).statusCode).toBe(200);
    expect((await test.as(token)({ url: "/user/" })).statusCode, "every token ends").toBe(401);
    expect((await logIn(username)).statusCode).toBe(200);
    await test.runJobs();
    expect(test.mailbox.at(-1)!.subject).toContain("两步验证已关闭");
    const entry = (
      await test.app.db.kysely
        .selectFrom("audit_entries")
        .selectAll()
        .where("action", "=", "user.reset-second-factor")
        .execute()
    ).at(-1)!;
    expect(entry.after).toContain("passport");
    await switchOnSecondFactor(test, staff.username);
    expect((await reset(staff.token, staff.id)).statusCode).toBe(403);
  });
});
