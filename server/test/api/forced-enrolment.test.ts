import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimsOf, forge } from "../support/forged-token.ts";
import { makePerson, password, type Standing } from "../support/people.ts";
import { appCode, switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Whom policy binds (factors/second-factor-policy.ts): told until their day, and from then on let in to set one up alone. */
const day = 86_400;
let test: TestApp;
const lines: string[] = [];
beforeAll(async () => {
  test = await startTestApp({
    env: {
      AUTHENTICATORS: "jwt,basic",
      SECOND_FACTOR_REQUIRED_FOR: "staff, group:editors, permission:users.view_user",
    },
    logTo: { write: (line) => void lines.push(line) },
  });
});
afterAll(() => test.close());

let count = 0;
const post = (url: string, payload: object, headers = {}) =>
  test.anonymous({ method: "POST", url, payload, headers });
const person = (standing: Standing = {}) => makePerson(test, `bound${++count}`, standing);
const logIn = (username: string, more: object = {}) =>
  post("/users/authorizations/", { username, password, ...more });
const begin = (step: string) => post("/users/second-factor/enrolment/", { step });
const confirm = (step: string, code: string, more: object = {}) =>
  post("/users/second-factor/enrolment/confirm/", { step, code, ...more });
const own = (token: string) => test.as(token)({ url: "/user/" });
const inDays = (days: number) => new Date(test.clock.now() + days * day * 1000).toISOString();

async function join(id: number, name = "editors"): Promise<void> {
  const { groups, db } = test.app;
  const group =
    (await groups.byName(name)) ??
    (await db.transaction((transaction) => groups.add(transaction, { name, permissions: [] })));
  await db.transaction((transaction) => groups.setOfUser(transaction, id, [group.id]));
}

describe("until its day", () => {
  it("an account is told when it is, and nothing is kept from it", async () => {
    const { username } = await person({ is_staff: 1 });
    // The first log-in was a moment ago: its days count from then.
    const due = inDays(14);
    const answer = await logIn(username);
    expect([answer.statusCode, answer.json().second_factor_due]).toEqual([200, due]);
    expect((await own(answer.json().token)).json().second_factor_due).toBe(due);
    const status = await test.as(answer.json().token)({ url: "/user/second-factor/" });
    expect(status.json()).toMatchObject({ enabled: false, required: true });
    test.clock.advance(13 * day);
    expect((await logIn(username)).json().second_factor_due).toBe(due);
  });

  it("nobody else hears of it", async () => {
    const { username } = await person();
    const answer = await logIn(username);
    expect(answer.json()).not.toHaveProperty("second_factor_due");
    expect((await own(answer.json().token)).json()).not.toHaveProperty("second_factor_due");
    test.clock.advance(100 * day);
    expect((await logIn(username)).statusCode).toBe(200);
    const row = await test.app.users.byLoginName(username);
    expect(row?.second_factor_asked_at).toBeNull();
  });

  it("who has one hears nothing, and keeps it", async () => {
    const { username, token } = await person({ is_staff: 1 });
    const { next } = await switchOnSecondFactor(test, username);
    expect((await own(token)).json()).not.toHaveProperty("second_factor_due");
    const url = "/user/second-factor/remove/";
    const kept = await test.as(token)({ method: "POST", url, payload: { code: next() } });
    expect([kept.statusCode, kept.json().message]).toEqual([400, "这个账号必须开启两步验证，不能关闭。"]);
    expect((await logIn(username)).statusCode).toBe(403);
  });
});

describe("from its day", () => {
  const kinds: Readonly<Record<string, () => Promise<string>>> = {
    staff: async () => (await person({ is_staff: 1 })).username,
    "a superuser": async () => (await person({ is_superuser: 1 })).username,
    "a member of a group": async () => {
      const { id, username } = await person();
      await join(id);
      await logIn(username);
      return username;
    },
    "somebody with a permission": async () => (await person({ permissions: ["users.view_user"] })).username,
  };

  it.each(Object.entries(kinds))("a log-in of %s sets one up, and is in by it", async (_who, make) => {
    const username = await make();
    await logIn(username);
    test.clock.advance(15 * day);
    const held = await logIn(username);
    expect([held.statusCode, held.json()]).toEqual([
      403,
      {
        message: `这个账号必须开启两步验证：请在 ${test.config.publicSiteUrl} 登录并完成设置。`,
        code: "second_factor_enrolment_required",
        step: expect.stringMatching(/^[\w-]{32}$/),
        methods: ["passkey", "totp"],
        expires_in: 600,
      },
    ]);
    expect(held.headers["set-cookie"]).toBeUndefined();
    const { step } = held.json();
    const begun = await begin(step);
    expect([begun.statusCode, begun.headers["cache-control"]]).toEqual([200, "no-store"]);
    const { secret } = begun.json();
    expect((await confirm(step, "000000")).statusCode).toBe(400);
    const done = await confirm(step, appCode(secret, test.clock.now()), { refresh: true });
    expect(done.json(), done.body).toMatchObject({ username, refresh_token: expect.any(String) });
    expect(done.json().recovery_codes).toHaveLength(10);
    expect((await own(done.json().token)).statusCode).toBe(200);
    expect((await logIn(username)).json().code).toBe("second_factor_required");
    expect((await confirm(step, appCode(secret, test.clock.now() + 30_000))).statusCode).toBe(400);
    await test.runJobs();
    expect(lines.join("")).not.toContain(step);
    expect(lines.join("")).not.toContain(secret);
  });

  it("its step opens nothing else, and a step for a second factor sets none up", async () => {
    const bound = await person({ is_staff: 1 });
    test.clock.advance(15 * day);
    const { step } = (await logIn(bound.username)).json();
    const other = await post("/users/second-factor/", { step, code: "000000" });
    expect(other.json().message).toBe("这次登录已失效，请重新登录。");
    expect((await test.as(step)({ url: "/user/" })).statusCode).toBe(401);

    const owner = await person();
    await switchOnSecondFactor(test, owner.username);
    const held = (await logIn(owner.username)).json();
    expect((await begin(held.step)).json().message).toBe("这次登录已失效，请重新登录。");
    expect((await confirm(held.step, "000000")).json().message).toBe("这次登录已失效，请重新登录。");
  });

  it("what can't set one up is refused: HTTP Basic, tokens of other services", async () => {
    const { id, username } = await person({ is_staff: 1 });
    const basic = { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
    const foreign = () =>
      forge({ user_id: id, username, email: "", exp: Math.floor(test.clock.now() / 1000) + 3600 });
    expect((await test.anonymous({ url: "/user/", headers: basic })).statusCode).toBe(200);
    expect((await test.as(foreign())({ url: "/user/" })).statusCode).toBe(200);
    test.clock.advance(15 * day);
    for (const answer of [
      await test.anonymous({ url: "/user/", headers: basic }),
      await test.as(foreign())({ url: "/user/" }),
    ]) {
      expect([answer.statusCode, answer.json().code]).toEqual([401, "second_factor_required"]);
    }
  });

  it("on simplejwt's path it is a 401 with the code", async () => {
    const { username } = await person({ is_staff: 1 });
    test.clock.advance(15 * day);
    const answer = await post("/api/token/", { username, password });
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({
      ...{ code: "second_factor_enrolment_required", step: expect.any(String) },
      detail: expect.stringContaining(test.config.publicSiteUrl),
    });
  });

  it("sessions that are open end, and none is renewed", async () => {
    const { username, token } = await person({ is_staff: 1 });
    test.clock.advance(14 * day - 600);
    const { token: late, refresh_token } = (await logIn(username, { refresh: true })).json();
    expect((await own(late)).statusCode).toBe(200);
    test.clock.advance(601);
    const fresh = (await logIn(username, { refresh: true })).json();
    expect(fresh.code).toBe("second_factor_enrolment_required");
    expect((await own(token)).statusCode).toBe(401);
    const renewed = await post("/user/tokens/refresh/", { refresh_token });
    expect([renewed.statusCode, renewed.json().code]).toEqual([401, "second_factor_enrolment_required"]);
  });

  it("a session that a trusted third party opened goes on", async () => {
    const { username, id } = await person({ is_staff: 1 });
    const token = (await logIn(username)).json().token;
    test.clock.advance(14 * day - 600);
    const fresh = (await logIn(username)).json().token;
    const trusted = (await logIn(username)).json().token;
    await test.app.db.kysely
      .updateTable("sessions")
      .set({ factor: "provider" })
      .where("id", "=", String(claimsOf(trusted).sid))
      .execute();
    test.clock.advance(601);
    expect((await own(fresh)).statusCode).toBe(401);
    expect((await own(token)).statusCode).toBe(401);
    expect((await own(trusted)).json().id).toBe(id);
    expect((await own(trusted)).json()).not.toHaveProperty("second_factor_due");
  });

  it("a token that is good for a day ends with its next request", async () => {
    const { username } = await person({ is_superuser: 1 });
    test.clock.advance(14 * day - 3600);
    const { token } = (await logIn(username)).json();
    expect((await own(token)).statusCode).toBe(200);
    test.clock.advance(3601);
    const answer = await own(token);
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({
      detail: "这个账号必须开启两步验证：请重新登录并完成设置。",
      code: "second_factor_enrolment_required",
    });
  });

  it("who joins a group later has their own days; who leaves it is asked no more", async () => {
    const { id, username } = await person();
    test.clock.advance(30 * day);
    await join(id);
    const due = inDays(14);
    expect((await logIn(username)).json().second_factor_due).toBe(due);
    test.clock.advance(15 * day);
    expect((await logIn(username)).statusCode).toBe(403);
    const { groups, db } = test.app;
    await db.transaction((transaction) => groups.setOfUser(transaction, id, []));
    expect((await logIn(username)).statusCode).toBe(200);
  });

  it("staff who took the factor of a member away: the next log-in sets another up", async () => {
    const root = await person({ is_superuser: 1 });
    await switchOnSecondFactor(test, root.username);
    const { id, username } = await person({ is_staff: 1 });
    await switchOnSecondFactor(test, username);
    test.clock.advance(15 * day);
    const rootToken = await tokenBySecondFactor(root.username);
    const url = `/admin/users/${id}/second-factor/reset/`;
    const reset = await test.as(rootToken)({ method: "POST", url, payload: { reason: "lost the phone" } });
    expect(reset.statusCode, reset.body).toBe(200);
    expect((await logIn(username)).json().code).toBe("second_factor_enrolment_required");
  });
});

/** Root has switched its own on by `switchOnSecondFactor`; another app is set up afresh, so that the code is known here. */
async function tokenBySecondFactor(username: string): Promise<string> {
  const owner = (await test.app.users.byLoginName(username))!;
  await test.app.db.transaction((transaction) => test.app.secondFactors.reset(transaction, owner));
  const { next } = await switchOnSecondFactor(test, username);
  const { step } = (await logIn(username)).json();
  return (await post("/users/second-factor/", { step, code: next() })).json().token;
}

describe("the settings", () => {
  const started = async (env: Record<string, string>, work: (site: TestApp) => Promise<void>) => {
    const site = await startTestApp({ env });
    try {
      await work(site);
    } finally {
      await site.close();
    }
  };
  const enter = (site: TestApp, username: string) =>
    site.anonymous({ method: "POST", url: "/users/authorizations/", payload: { username, password } });

  it("SECOND_FACTOR_REQUIRED_FROM is one day for all", async () => {
    const site = await startTestApp();
    const from = new Date(site.clock.now() + 2 * day * 1000).toISOString().slice(0, 10);
    await site.close();
    const env = { SECOND_FACTOR_REQUIRED_FOR: "everybody", SECOND_FACTOR_REQUIRED_FROM: from };
    await started(env, async (site) => {
      await makePerson(site, "python01");
      const due = (await enter(site, "python01")).json().second_factor_due;
      expect(due).toBe(`${from}T00:00:00.000Z`);
      site.clock.advance(3 * day);
      await expect(makePerson(site, "python02")).rejects.toThrow("second_factor_enrolment_required");
    });
  });

  it("everybody, at once: also the account just made is in only with one", async () => {
    const env = { SECOND_FACTOR_REQUIRED_FOR: "everybody", SECOND_FACTOR_GRACE_DAYS: "0" };
    await started(env, async (site) => {
      await expect(site.signUp({ username: "python01", email: "44@qq.com" })).rejects.toThrow(
        /403.*second_factor_enrolment_required/,
      );
      const held = (await enter(site, "python01")).json();
      expect(held.code ?? held.message).toBe("second_factor_enrolment_required");
    });
  });

  it("in development nobody must, unless the setting says so", async () => {
    await started({}, async (site) => {
      await makePerson(site, "python01", { is_superuser: 1 });
      site.clock.advance(100 * day);
      expect((await enter(site, "python01")).statusCode).toBe(200);
    });
  });
});
