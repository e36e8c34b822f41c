import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKnownDevices } from "../../src/devices/known-devices.ts";
import { createRememberedDevices } from "../../src/devices/remembered-devices.ts";
import { type Classic, classicEnv, classicOf, password } from "../support/classic.ts";
import { type ClassicPerson, findSteps } from "../support/classic-rows.ts";
import { claimsOf } from "../support/forged-token.ts";
import { appCode, switchOnSecondFactor } from "../support/second-factor.ts";
import { softwarePasskey } from "../support/software-passkey.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

/**
 * What of CONTRACT=classic is a way in, or leads to one: binding by number, and a found password. None is a way around the
 * second factor. ways-in.test.ts and second-factor-matrix.test.ts have the others.
 */
let third: ThirdPartyTest;
let site: Classic;
/** Where everybody must have a second factor. */
let strict: ThirdPartyTest;
beforeAll(async () => {
  third = await startThirdPartyTest({ env: classicEnv });
  site = classicOf(third.test);
  const required = { SECOND_FACTOR_REQUIRED_FOR: "everybody", SECOND_FACTOR_GRACE_DAYS: "0" };
  strict = await startThirdPartyTest({ env: { ...classicEnv, ...required } });
});
afterAll(async () => {
  await third.close();
  await strict.close();
});

type Browser = Readonly<Record<string, string>>;
const fresh = "another-8Bb";
const people = ["penguin", "long", "emoji", "rtl", "xiaomei", "namesake"] as const;
const post = (on: ThirdPartyTest, url: string, payload: object, headers: Browser = {}) =>
  on.test.anonymous({ method: "POST", url, payload, headers });

/** As far as the callback page's last call, for the number: that is what it returns. */
async function binding(on: ThirdPartyTest, mobile: string, person: (typeof people)[number]) {
  const { code } = await on.authorize("qq", { person });
  const { access_token } = (await on.test.anonymous({ url: `/oauth/qq/user/?code=${code}` })).json();
  const sms_code = await classicOf(on.test).code(mobile);
  return (headers: Browser = {}) =>
    post(on, "/oauth/qq/user/", { mobile, password, sms_code, access_token }, headers);
}

const isBound = async (on: ThirdPartyTest, id: number) =>
  (await on.test.app.db.kysely.selectFrom("bindings").selectAll().where("user_id", "=", id).execute())
    .length > 0;
const factorOf = async (token: string) =>
  (
    await third.test.app.db.kysely
      .selectFrom("sessions")
      .select("factor")
      .where("id", "=", String(claimsOf(token).sid))
      .executeTakeFirstOrThrow()
  ).factor;

describe("binding by number", () => {
  it("without a second factor is in at once", async () => {
    const { id, mobile } = await site.person();
    const answer = await (await binding(third, mobile, "penguin"))();
    expect([answer.statusCode, answer.json().user_id, await isBound(third, id)]).toEqual([200, id, true]);
  });

  it("binds nobody before the authenticator app's code, and uses nothing up by being held up", async () => {
    const { id, username, mobile } = await site.person();
    const bind = await binding(third, mobile, "long");
    const { next } = await switchOnSecondFactor(third.test, username);
    const held = await bind();
    expect([held.statusCode, held.json().code]).toEqual([403, "second_factor_required"]);
    expect(held.body).not.toContain('"token"');
    expect(String(held.headers["set-cookie"] ?? "")).not.toContain("meiduo_device=");
    const { step } = held.json();
    const wrong = await post(third, "/users/second-factor/", { step, code: "000000" });
    expect([wrong.statusCode, await isBound(third, id)]).toEqual([400, false]);
    const around = await post(third, "/users/second-factor/enrolment/", { step });
    expect(around.statusCode).toBe(400);
    const again = await bind();
    const done = await post(third, "/users/second-factor/", { step, code: next() });
    expect([done.statusCode, done.json().user_id, await isBound(third, id)]).toEqual([200, id, true]);
    expect(await factorOf(done.json().token)).toBe("totp");
    const twice = { step: again.json().step, code: next() };
    expect((await post(third, "/users/second-factor/", twice)).statusCode).toBe(400);
    expect((await bind()).statusCode).toBe(400);
  });

  it("waits for the passkey of an account that has one for its second factor", async () => {
    const { id, username, mobile } = await site.person();
    const bind = await binding(third, mobile, "emoji");
    const device = await addPasskey(username);
    const { step, code } = (await bind()).json();
    expect([code, await isBound(third, id)]).toEqual(["second_factor_required", false]);
    const { options } = (await post(third, "/users/second-factor/passkey/", { step })).json();
    const done = await post(third, "/users/second-factor/", { step, passkey: device.show(options) });
    expect([done.statusCode, await factorOf(done.json().token)]).toEqual([200, "passkey"]);
  });

  it("is in at once on a device that is remembered", async () => {
    const { id, username, mobile } = await site.person();
    const bind = await binding(third, mobile, "rtl");
    await switchOnSecondFactor(third.test, username);
    const { app, clock } = third.test;
    const remembered = createRememberedDevices({
      ...{ db: app.db, clock, isHttps: false, rememberDeviceDays: 30 },
    });
    const asker = await devices().askerOf({ ip: "127.0.0.1", headers: {} });
    const account = (await app.users.byId(id))!;
    const cookie = (await remembered.remember(account, asker))!.split(";")[0]!;
    const done = await bind({ cookie });
    expect([done.statusCode, await factorOf(done.json().token)]).toEqual([200, "remembered_device"]);
  });

  it.each(["new", "old"] as const)(
    "has a second factor set up first where everybody must have one: %s account",
    async (which) => {
      const { clock, app } = strict.test;
      const mobile = which === "new" ? "13500000001" : "13500000002";
      if (which === "old") {
        const sms_code = await classicOf(strict.test).code(mobile);
        const form = { username: "strict01", password, password2: password, mobile, sms_code, allow: "true" };
        expect((await post(strict, "/users/", form)).body).not.toContain('"token"');
      }
      const held = await (await binding(strict, mobile, which === "new" ? "xiaomei" : "namesake"))();
      expect([held.statusCode, held.json().code]).toEqual([403, "second_factor_enrolment_required"]);
      expect(held.body).not.toContain('"token"');
      const { step } = held.json();
      const { secret } = (await post(strict, "/users/second-factor/enrolment/", { step })).json();
      const shown = { step, code: appCode(secret, clock.now()) };
      const done = await post(strict, "/users/second-factor/enrolment/confirm/", shown);
      expect(done.json().recovery_codes, done.body).toHaveLength(10);
      expect(await isBound(strict, (await app.users.byLoginName(mobile))!.id)).toBe(true);
    },
  );
});

describe("a found password", () => {
  const { code } = findSteps(() => site);
  /** All four steps; the answers together. */
  async function find(owner: ClassicPerson) {
    const sms_code = await code(owner);
    const shown = await site.get(`/accounts/${owner.username}/password/token/?sms_code=${sms_code}`);
    const payload = { password: fresh, password2: fresh, access_token: shown.json().access_token };
    const set = await site.send("POST", `/users/${owner.id}/password/`, payload);
    expect(set.statusCode, set.body).toBe(200);
    return [shown, set];
  }
  const logIn = (username: string) => post(third, "/users/authorizations/", { username, password: fresh });

  it("opens no session by itself, and knows no device", async () => {
    const owner = await site.person();
    for (const answer of await find(owner)) {
      expect(answer.body).not.toContain('"token"');
      expect(String(answer.headers["set-cookie"] ?? "")).not.toContain("meiduo_session=");
    }
    expect((await logIn(owner.mobile)).json()).toMatchObject({ token: expect.any(String), id: owner.id });
  });

  it("leaves the second factor, which the log-in by it asks for: an app", async () => {
    const owner = await site.person();
    const { next } = await switchOnSecondFactor(third.test, owner.username);
    await find(owner);
    for (const name of [owner.username, owner.mobile]) {
      const held = await logIn(name);
      expect([held.statusCode, held.json().code]).toEqual([403, "second_factor_required"]);
      expect(held.body).not.toContain('"token"');
      const done = await post(third, "/users/second-factor/", { step: held.json().step, code: next() });
      expect([done.statusCode, done.json().user_id]).toEqual([200, owner.id]);
    }
  });

  it("leaves the second factor, which the log-in by it asks for: a passkey", async () => {
    const owner = await site.person();
    await addPasskey(owner.username);
    await find(owner);
    expect((await logIn(owner.username)).json()).toMatchObject({ code: "second_factor_required" });
  });

  it("ends every session", async () => {
    const owner = await site.person();
    await find(owner);
    expect((await site.get("/user/", owner.token)).statusCode).toBe(401);
  });
});

describe("an address that was confirmed by its link", () => {
  it("is a name to log in by, which is no way around the second factor", async () => {
    const { username, token } = await site.person();
    const email = `${username}@163.com`;
    expect((await site.send("PUT", "/email/", { email }, token)).statusCode).toBe(200);
    await third.test.runJobs();
    const mail = third.test.mailbox.findLast(({ to }) => to === email)!;
    const [, link] = /\?token=([\w.-]+)/.exec(mail.text)!;
    await switchOnSecondFactor(third.test, username);
    const opened = await site.get(`/emails/verification/?token=${link}`);
    expect([opened.statusCode, opened.json()]).toEqual([200, { message: "OK" }]);
    const held = await post(third, "/users/authorizations/", { username: email, password });
    expect([held.statusCode, held.json().code]).toEqual([403, "second_factor_required"]);
    expect(held.body).not.toContain('"token"');
  });
});

function devices() {
  const { app, clock, config } = third.test;
  return createKnownDevices({ db: app.db, clock, isHttps: false, secretKeys: [config.secretKey!] });
}

async function addPasskey(username: string) {
  const { app } = third.test;
  const asker = await devices().askerOf({
    ...{ ip: "127.0.0.1", headers: { "user-agent": "lightMyRequest" } },
  });
  const owner = (await app.users.byLoginName(username))!;
  const device = softwarePasskey();
  const shown = device.register({ ...(await app.passkeys.beginAdding(owner, asker, "zh")) });
  await app.passkeys.add(owner, { shown, name: "", asSecondFactor: true }, asker, "zh");
  return device;
}
