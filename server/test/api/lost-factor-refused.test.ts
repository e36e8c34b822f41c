import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { elsewhere, type Loser, makeLoser } from "../support/lost-factor.ts";
import { password } from "../support/people.ts";
import { proofByProvider } from "../support/proved-again.ts";
import type { TestApp } from "../support/test-app.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/** Who may not have a lost second factor removed by the first one, and where it is not offered. */
let third: ThirdPartyTest;
let test: TestApp;
beforeAll(async () => {
  third = await startThirdPartyTest();
  test = third.test;
});
beforeEach(async () => {
  await test.runJobs();
  test.mailbox.splice(0);
});
afterAll(() => third.close());

const day = 86_400;
let count = 0;
const loser = (standing = {}): Promise<Loser> => makeLoser(test, `loser${++count}`, standing);
async function asked(standing = {}): Promise<Loser> {
  const one = await loser(standing);
  const answer = await one.call("ask/");
  expect(answer.json(), answer.body).toMatchObject({ state: "asked" });
  return one;
}
const logIn = (username: string, headers = elsewhere) =>
  test.anonymous({
    ...{ method: "POST", url: "/users/authorizations/", payload: { username, password }, headers },
  });
describe("nobody may ask", () => {
  const refused = async (one: Loser, reason: string) => {
    expect(await one.state()).toMatchObject({ state: "none", refusal: reason });
    const answer = await one.call("ask/");
    expect([answer.statusCode, answer.json().reason]).toEqual([403, reason]);
    expect(answer.json().message).toContain("请联系客服");
    await test.runJobs();
    expect(test.mailbox.filter(({ subject }) => subject.includes("有人申请关闭"))).toEqual([]);
  };

  it("by a password that was reset within seven days", async () => {
    const one = await loser();
    const email_code = await test.codeFor(one.email, "resetpwd");
    const payload = { email: one.email, email_code, password, password2: password };
    expect((await test.anonymous({ method: "POST", url: "/users/password/", payload })).statusCode).toBe(200);
    test.mailbox.splice(0);
    await refused(one, "password_reset");
    test.clock.advance(7 * day - 1);
    await refused(one, "password_reset");
    test.clock.advance(1);
    expect((await one.call("ask/")).statusCode).toBe(200);
  });

  it("by one that a reset replaced between asking and the removal", async () => {
    const one = await asked();
    test.clock.advance(day / 2);
    const email_code = await test.codeFor(one.email, "resetpwd");
    const payload = { email: one.email, email_code, password, password2: password };
    await test.anonymous({ method: "POST", url: "/users/password/", payload });
    test.clock.advance(day);
    expect((await one.call("finish/")).json().reason).toBe("password_reset");
    expect((await logIn(one.username)).statusCode).toBe(403);
  });

  it("by a code, as whoever reads the mailbox reads the warnings, too", async () => {
    const one = await loser();
    const email_code = await test.codeFor(one.email, "signIn");
    const payload = { email: one.email, email_code };
    const held = await test.anonymous({
      ...{ method: "POST", url: "/users/codes/sign-in/", payload, headers: elsewhere },
    });
    const answer = await one.call("ask/", held.json().step);
    expect([answer.statusCode, answer.json().reason]).toEqual([403, "by_code"]);
    expect((await one.call("ask/")).statusCode, "by the password").toBe(200);
  });

  it("but a changed password, for which the present one was given, is no reset", async () => {
    const one = await loser();
    const payload = { step: await one.stepOf(), code: one.next() };
    const url = "/users/second-factor/";
    const { token } = (await test.anonymous({ method: "POST", url, payload, headers: elsewhere })).json();
    const typed = { current_password: password, password: "another-8Bb", password2: "another-8Bb" };
    const changed = await test.as(token)({ method: "PUT", url: "/user/password/", payload: typed });
    expect(changed.statusCode, changed.body).toBe(200);
    const { password_reset_at } = (await test.app.users.byId(one.id))!;
    expect(password_reset_at).toBeNull();
  });

  it("and a first password, for which none was given, is one", async () => {
    const made = await third.createBound("github", "rtl", `bound${++count}`);
    const payload = { password: "another-8Bb", password2: "another-8Bb" };
    const token = String(made.token);
    const who = { provider: "github", person: "rtl", action: "password" };
    const headers = await proofByProvider(third, token, who);
    const set = await test.as(token)({ method: "PUT", url: "/user/password/", payload, headers });
    expect(set.statusCode, set.body).toBe(200);
    const { password_reset_at } = (await test.app.users.byId(Number(made.id)))!;
    expect(password_reset_at).toBe(test.clock.now());
  });

  it("who is staff", async () => refused(await loser({ is_staff: 1 }), "demanded"));

  it("without a confirmed address, which could be told", async () => {
    const one = await loser();
    const rows = test.app.db.kysely.updateTable("users").where("id", "=", one.id);
    await rows.set({ email_verified: 0 }).execute();
    await refused(one, "no_address");
  });

  it("by a third party that was bound within seven days", async () => {
    const one = await loser();
    const binding = {
      provider: "weibo",
      nickname: null,
      avatar: null,
      is_alias: 0 as const,
      last_login_at: null,
    };
    const { keys } = await identityOf("weibo", "xiaomei");
    await test.app.db.kysely
      .insertInto("bindings")
      .values({ ...binding, account_key: keys, user_id: one.id, created_at: test.clock.now() })
      .execute();
    const held = async () => {
      const callback = await third.authorize("weibo", { person: "xiaomei" });
      const answer = await third.finish("weibo", callback);
      expect(answer.json().code, answer.body).toBe("second_factor_required");
      return String(answer.json().step);
    };
    const call = async (verb: string) =>
      test.anonymous({
        ...{ method: "POST", url: `/users/second-factor/lost/${verb}`, payload: { step: await held() } },
      });
    expect((await call("ask/")).json().reason).toBe("new_binding");
    test.clock.advance(7 * day);
    expect((await call("ask/")).json()).toMatchObject({ state: "asked" });
    test.clock.advance(day);
    expect((await call("finish/")).statusCode).toBe(200);
  });

  it("at a step of another browser, or one that is over", async () => {
    const one = await loser();
    const step = await one.stepOf();
    const url = "/users/second-factor/lost/";
    const headers = { "user-agent": "curl/8.14" };
    const other = await test.anonymous({ method: "POST", url, payload: { step }, headers });
    expect([other.statusCode, other.json().message]).toEqual([400, "这次登录已失效，请重新登录。"]);
    test.clock.advance(601);
    for (const verb of ["", "ask/", "finish/"] as const) {
      expect((await one.call(verb, step)).json().message).toBe("这次登录已失效，请重新登录。");
    }
  });
});

it("LOST_FACTOR_REMOVAL=false leaves it to staff; LOST_FACTOR_DELAY says how long it takes", async () => {
  const other = await startThirdPartyTest({ env: { LOST_FACTOR_REMOVAL: "false" } });
  try {
    const one = await makeLoser(other.test, "loser");
    expect(await one.state()).toMatchObject({ state: "none", refusal: "off" });
    expect((await one.call("ask/")).statusCode).toBe(403);
  } finally {
    await other.close();
  }
  const longer = await startThirdPartyTest({ env: { LOST_FACTOR_DELAY: "172800" } });
  try {
    const one = await makeLoser(longer.test, "loser");
    await one.call("ask/");
    longer.test.clock.advance(2 * day - 1);
    expect(await one.state()).toMatchObject({ state: "asked" });
    longer.test.clock.advance(1);
    expect(await one.state()).toMatchObject({ state: "ripe" });
  } finally {
    await longer.close();
  }
});

/** By which key the third party's person is bound: of a first log-in of theirs. */
async function identityOf(provider: string, person: string): Promise<{ keys: string }> {
  const made = await third.createBound(provider, person, `bound${++count}`);
  const rows = test.app.db.kysely
    .selectFrom("bindings")
    .selectAll()
    .where("user_id", "=", Number(made.user_id));
  const [row] = await rows.execute();
  await test.app.db.kysely.deleteFrom("bindings").where("user_id", "=", Number(made.user_id)).execute();
  return { keys: row!.account_key };
}
