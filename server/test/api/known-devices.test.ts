import type { LightMyRequestResponse } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { devicesPerAccount } from "../../src/devices/known-devices.ts";
import { asking, cookieIn, devicesOf } from "../support/devices.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let test: TestApp;
let owner: Person;
beforeEach(async () => {
  test = await startTestApp({ env: { TRUST_PROXY: "1" } });
  owner = await makePerson(test, "python01", { email: "44@qq.com" });
});
afterEach(() => test.close());

const account = async () =>
  test.app.db.kysely
    .selectFrom("users")
    .select(["id", "credentials_version"])
    .where("id", "=", owner.id)
    .executeTakeFirstOrThrow();
const isKnown = async (ip: string, userAgent?: string, cookie?: string, who = account()) => {
  const devices = devicesOf(test);
  return devices.isKnown(await who, await devices.askerOf(asking(ip, userAgent, cookie)));
};
const from = (ip: string, userAgent = "Firefox/127.0", cookie?: string) => ({
  "x-forwarded-for": ip,
  "user-agent": userAgent,
  ...(cookie !== undefined && { cookie }),
});
const logIn = (headers: Record<string, string>, typed = password) =>
  test.anonymous({
    method: "POST",
    url: "/users/authorizations/",
    payload: { username: "python01", password: typed },
    headers,
  });
const cookieOf = (answer: LightMyRequestResponse) => cookieIn(answer.headers["set-cookie"]);

describe("a device is known", () => {
  it("after a log-in: by its cookie anywhere, by its browser in its network, to this account", async () => {
    const other = await makePerson(test, "python02");
    const answer = await logIn(from("198.51.100.1"));
    expect(answer.headers["set-cookie"]).toMatch(
      /^meiduo_device=[\w-]{22}; Path=\/; Max-Age=15552000; HttpOnly; SameSite=Lax$/,
    );
    const cookie = cookieOf(answer);
    expect(await isKnown("203.0.113.9", "Chrome/126.0", cookie)).toBe(true);
    expect(await isKnown("198.51.100.1")).toBe(true);
    // Versions come and go.
    expect(await isKnown("198.51.100.1", "Firefox/140.0")).toBe(true);
    expect(await isKnown("198.51.100.2")).toBe(false);
    expect(await isKnown("198.51.100.1", "curl/8")).toBe(false);
    expect(await isKnown("203.0.113.9", undefined, "meiduo_device=AAAAAAAAAAAAAAAAAAAAAA")).toBe(false);
    const stranger = Promise.resolve({ id: other.id, credentials_version: 0 });
    expect(await isKnown("198.51.100.1", undefined, cookie, stranger)).toBe(false);
    const devices = devicesOf(test);
    expect(await devices.find(null, await devices.askerOf(asking("198.51.100.1")))).toBeNull();
  });

  it("not after a wrong password, which is given no cookie either", async () => {
    const answer = await logIn(from("198.51.100.1"), "wrong-one");
    expect(answer.statusCode).toBe(400);
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect(await isKnown("198.51.100.1")).toBe(false);
  });

  it("after a sign-up, a reset of the password, and a request by HTTP Basic where that is on", async () => {
    const basic = await startTestApp({ env: { TRUST_PROXY: "1", AUTHENTICATORS: "jwt,basic" } });
    try {
      const email_code = await basic.codeFor("45@qq.com");
      const both = { password, password2: password };
      const signedUp = await basic.anonymous({
        method: "POST",
        url: "/users/",
        payload: { username: "python02", email: "45@qq.com", ...both, email_code, allow: "true" },
        headers: from("198.51.100.1"),
      });
      expect(cookieOf(signedUp)).not.toBe("");
      const devices = devicesOf(basic);
      const known = async (ip: string) =>
        devices.isKnown(
          await basic.app.db.kysely
            .selectFrom("users")
            .select(["id", "credentials_version"])
            .where("id", "=", signedUp.json().id)
            .executeTakeFirstOrThrow(),
          await devices.askerOf(asking(ip)),
        );
      expect(await known("198.51.100.1")).toBe(true);
      const authorization = `Basic ${Buffer.from(`python02:${password}`).toString("base64")}`;
      await basic.anonymous({ url: "/user/", headers: { ...from("198.51.100.2"), authorization } });
      expect(await known("198.51.100.2")).toBe(true);
      basic.clock.advance(60);
      const resetCode = await basic.codeFor("45@qq.com", "resetpwd");
      const reset = await basic.anonymous({
        method: "POST",
        url: "/users/password/",
        payload: { email: "45@qq.com", email_code: resetCode, password: "another-9", password2: "another-9" },
        headers: from("198.51.100.3"),
      });
      expect(reset.statusCode, reset.body).toBe(200);
      expect(cookieOf(reset)).not.toBe("");
      expect(await known("198.51.100.3")).toBe(true);
      // A thief's device, which got in by the old password, does not stay known.
      expect(await known("198.51.100.2")).toBe(false);
    } finally {
      await basic.close();
    }
  });

  it("not any more after another one changed the password; that one stays", async () => {
    const mine = cookieOf(await logIn(from("198.51.100.1")));
    const thief = cookieOf(await logIn(from("198.51.100.2")));
    const next = { password: "another-9", password2: "another-9", current_password: password };
    const changed = await test.as(owner.token)({
      method: "PUT",
      url: "/user/password/",
      payload: next,
      headers: from("198.51.100.1", undefined, mine),
    });
    expect(changed.statusCode, changed.body).toBe(200);
    expect(await isKnown("203.0.113.9", undefined, mine)).toBe(true);
    expect(await isKnown("198.51.100.2", undefined, thief)).toBe(false);
  });

  it('not any more after "log out everywhere" by another one, nor for asking for that', async () => {
    const mine = cookieOf(await logIn(from("198.51.100.1")));
    const other = cookieOf(await logIn(from("198.51.100.2")));
    const end = async (headers: Record<string, string>, token: string) =>
      test.as(token)({ method: "POST", url: "/user/tokens/end/", headers });
    const ended = await end(from("198.51.100.1", undefined, mine), owner.token);
    expect([ended.statusCode, cookieOf(ended)]).toEqual([200, mine]);
    expect(await isKnown("203.0.113.9", undefined, mine)).toBe(true);
    expect(await isKnown("198.51.100.2", undefined, other)).toBe(false);
    const again = (await logIn(from("198.51.100.1", undefined, mine))).json().token;
    const byStranger = await end(from("203.0.113.66"), again);
    expect([byStranger.statusCode, byStranger.headers["set-cookie"]]).toEqual([200, undefined]);
    expect(await isKnown("203.0.113.66")).toBe(false);
  });

  it("for 180 days after it was last seen, and is then removed", async () => {
    const cookie = cookieOf(await logIn(from("198.51.100.1")));
    test.clock.advance(100 * 86_400);
    expect(cookieOf(await logIn(from("198.51.100.5", undefined, cookie)))).toBe(cookie);
    test.clock.advance(100 * 86_400);
    expect(await isKnown("203.0.113.9", undefined, cookie)).toBe(true);
    expect(await isKnown("198.51.100.1")).toBe(false);
    await test.app.maintenance.run();
    test.clock.advance(80 * 86_400);
    expect(await isKnown("203.0.113.9", undefined, cookie)).toBe(false);
    await test.app.maintenance.run();
    expect(await test.app.db.kysely.selectFrom("known_devices").selectAll().execute()).toEqual([]);
  });
});

describe("the list of an account's devices", () => {
  const rows = () =>
    test.app.db.kysely.selectFrom("known_devices").selectAll().where("user_id", "=", owner.id).execute();

  it("keeps those that were seen last, and is bounded", async () => {
    for (let i = 1; i <= devicesPerAccount; i++) {
      await logIn(from(`198.51.100.${i}`));
      test.clock.advance(1);
    }
    expect(await rows()).toHaveLength(devicesPerAccount);
    expect(await isKnown("198.51.100.1")).toBe(false);
    expect(await isKnown(`198.51.100.${devicesPerAccount}`)).toBe(true);
  });

  it("does not grow by log-ins of a front end that keeps no cookies", async () => {
    for (let i = 0; i < 5; i++) await logIn(from("198.51.100.1"));
    // The token of makePerson came from another network.
    expect(await rows()).toHaveLength(4);
  });

  it("holds no address, no browser and nothing a cookie could be made of", async () => {
    const cookie = cookieOf(await logIn(from("198.51.100.1", "SecretBrowser/1")));
    const text = JSON.stringify(await rows());
    for (const secret of ["198.51.100", "SecretBrowser", cookie.split("=")[1]!]) {
      expect(text).not.toContain(secret);
    }
  });

  it("goes with the account", async () => {
    await logIn(from("198.51.100.1"));
    await test.app.db.kysely.deleteFrom("users").where("id", "=", owner.id).execute();
    expect(await rows()).toEqual([]);
  });
});

it("over https the cookie belongs to this host alone and goes to other sites' front ends", async () => {
  const devices = devicesOf(test, true);
  const asker = await devices.askerOf(asking("198.51.100.1"));
  expect(await devices.remember(await account(), asker)).toMatch(
    /^__Host-meiduo_device=[\w-]{22}; Path=\/; Max-Age=15552000; HttpOnly; SameSite=None; Secure$/,
  );
});
