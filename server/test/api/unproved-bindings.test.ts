import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePerson, password, tokenOf } from "../support/people.ts";
import { proofByProvider } from "../support/proved-again.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/** A way in that somebody with a stolen token added is not left where the owner gets rid of them (OWASP ASVS 5.0 7.5.1). */
let third: ThirdPartyTest;
beforeAll(async () => {
  third = await startThirdPartyTest();
});
afterAll(() => third.close());

let count = 0;
async function person() {
  const username = `robbed${++count}`;
  const email = `${username}@qq.com`;
  return { ...(await makePerson(third.test, username, { email })), email };
}
const call = (method: "POST" | "PUT", path: string, token: string, more: object = {}) =>
  third.test.as(token)({ method, url: path, ...more });
const withProof = (proof: string) => ({ "x-meiduo-proof": proof });
const proofFor = async (token: string, action: string) => {
  const payload = { password, action };
  return String((await call("POST", "/user/reauthentication/", token, { payload })).json().proof);
};
const stale = () => third.test.clock.advance(901);

describe("a third party that a stolen token added", () => {
  const fresh = "three quiet lanterns";
  const add = async (token: string, provider: string, who: string, headers = {}) => {
    const { code, state } = await third.authorize(provider, { person: who, token });
    return call("POST", `/user/bindings/${provider}/`, token, { payload: { code, state }, headers });
  };
  /** The thief's, within the quarter of an hour of the log-in that was stolen, and the owner's own. */
  async function robbed() {
    const owner = await person();
    expect((await add(owner.token, "weibo", "xiaomei")).statusCode).toBe(201);
    const own = withProof(await proofFor(owner.token, "bindings"));
    expect((await add(owner.token, "github", "emoji", own)).statusCode).toBe(201);
    return owner;
  }
  async function expectGone({ id, email }: { readonly id: number; readonly email: string }) {
    const { kysely } = third.test.app.db;
    const left = await kysely
      .selectFrom("bindings")
      .select("provider")
      .where("user_id", "=", id)
      .where("is_alias", "=", 0)
      .execute();
    expect(left, "what was proved stays").toEqual([{ provider: "github" }]);
    expect(await third.logIn("weibo", "xiaomei")).not.toHaveProperty("token");
    await third.test.runJobs();
    const told = third.test.mailbox.filter(({ to }) => to === email);
    expect(told.filter(({ subject }) => subject.includes("微博"))).toHaveLength(2);
    await kysely.deleteFrom("users").where("id", "=", id).execute();
  }

  it("takes a log-in of that quarter: an older session adds none, and none beside a second factor", async () => {
    const { token, username, id } = await person();
    stale();
    expect((await add(token, "weibo", "xiaomei")).statusCode).toBe(403);
    const later = await tokenOf(third.test, username);
    await switchOnSecondFactor(third.test, username);
    expect((await add(later, "weibo", "xiaomei")).json()).toMatchObject({
      code: "reauthentication_required",
    });
    expect(
      await third.test.app.db.kysely
        .selectFrom("bindings")
        .select("provider")
        .where("user_id", "=", id)
        .execute(),
    ).toEqual([]);
  });

  it("is none of a stolen refresh token's either: what it renews is as old as its log-in", async () => {
    const { username } = await person();
    const payload = { username, password, refresh: true };
    const logIn = await third.test.anonymous({
      ...{ method: "POST", url: "/users/authorizations/", payload },
    });
    stale();
    const renewed = await third.test.anonymous({
      ...{ method: "POST", url: "/user/tokens/refresh/" },
      payload: { refresh_token: logIn.json().refresh_token },
    });
    expect(renewed.statusCode, renewed.body).toBe(200);
    expect((await add(renewed.json().token, "weibo", "xiaomei")).json()).toMatchObject({
      code: "reauthentication_required",
    });
  });

  it("goes with a password reset, and the owner is told", async () => {
    const owner = await robbed();
    const { email } = owner;
    const email_code = await third.test.codeFor(email, "resetpwd");
    const reset = await third.test.anonymous({
      ...{ method: "POST", url: "/users/password/" },
      payload: { email, email_code, password: fresh, password2: fresh },
    });
    expect(reset.statusCode, reset.body).toBe(200);
    await expectGone(owner);
  });

  it("goes with a password that its owner changes", async () => {
    const owner = await robbed();
    const payload = { current_password: password, password: fresh, password2: fresh };
    const changed = await call("PUT", "/user/password/", owner.token, { payload });
    expect(changed.statusCode, changed.body).toBe(200);
    await expectGone(owner);
  });

  it('goes with "this wasn\'t me"', async () => {
    const owner = await robbed();
    third.test.clock.advance(1);
    const thief = await third.test.anonymous({
      ...{ method: "POST", url: "/users/authorizations/", headers: { "user-agent": "curl/8.14" } },
      payload: { username: owner.username, password },
    });
    expect(thief.statusCode).toBe(200);
    await third.test.runJobs();
    const mail = third.test.mailbox.findLast(
      ({ to, subject }) => to === owner.email && subject.includes("新设备登录"),
    );
    const token = /\/not-me#(\S+)/.exec(mail?.text ?? "")?.[1];
    const disowned = await third.test.anonymous({
      ...{ method: "POST", url: "/user/sessions/disown/", payload: { token } },
    });
    expect(disowned.statusCode, disowned.body).toBe(200);
    await expectGone(owner);
  });
});

it("a first password is not a stolen token's to set, however fresh: its owner proves it at the third party", async () => {
  const { token } = (await third.createBound("qq", "penguin", "onlyqq")) as { token: string };
  const payload = { password: "three quiet lanterns", password2: "three quiet lanterns" };
  const set = (headers = {}) => call("PUT", "/user/password/", token, { payload, headers });
  expect((await set()).json()).toMatchObject({
    ...{ code: "reauthentication_required", action: "password", methods: ["provider", "log_in"] },
  });
  const who = { provider: "qq", person: "penguin", action: "password" };
  const proved = await set(await proofByProvider(third, token, who));
  expect(proved.statusCode, proved.body).toBe(200);
});

it("who has nothing to show but a log-in sets a first password by that, while it is recent", async () => {
  const { token, id } = await person();
  const { kysely } = third.test.app.db;
  const nothing = { password_hash: "!", email_verified: 0 } as const;
  await kysely.updateTable("users").set(nothing).where("id", "=", id).execute();
  const payload = { password: "three quiet lanterns", password2: "three quiet lanterns" };
  const set = () => call("PUT", "/user/password/", token, { payload });
  expect((await set()).statusCode).toBe(200);
});
