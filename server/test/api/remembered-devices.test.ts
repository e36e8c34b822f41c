import type { LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimsOf } from "../support/forged-token.ts";
import { makePerson, type Person, password, type Standing } from "../support/people.ts";
import { type SwitchedOn, switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** "Trust this device" at the second step: what it spares, and everything that ends it. */
let test: TestApp;
const lines: string[] = [];
beforeAll(async () => {
  test = await startTestApp({ logTo: { write: (line) => void lines.push(line) } });
});
afterAll(() => test.close());

const day = 86_400;
let count = 0;
const post = (url: string, payload: object, headers = {}) =>
  test.anonymous({ method: "POST", url, payload, headers });
const logIn = (username: string, cookie = "", typed = password) =>
  post("/users/authorizations/", { username, password: typed }, { cookie });

interface Owner extends Person, SwitchedOn {
  readonly email: string;
}

async function owner(standing: Standing = {}): Promise<Owner> {
  const username = `trusting${++count}`;
  const email = `${username}@qq.com`;
  const person = await makePerson(test, username, { ...standing, email });
  return { ...person, ...(await switchOnSecondFactor(test, username)), email };
}

/** The cookie of a remembered device in an answer; empty where there is none. */
function trustIn(answer: LightMyRequestResponse): string {
  const all = [answer.headers["set-cookie"]].flat().map(String);
  return all.find((one) => one.includes("meiduo_trusted="))?.split(";", 1)[0] ?? "";
}

/** Logs in with the second factor, and has the device remembered. */
async function trust({ username, next }: Owner, cookie = "") {
  const { step } = (await logIn(username, cookie)).json();
  const payload = { step, code: next(), remember_device: true };
  const answer = await post("/users/second-factor/", payload, { cookie });
  expect(answer.statusCode, answer.body).toBe(200);
  return { cookie: trustIn(answer), token: answer.json().token as string, answer };
}

const listed = async (token: string, cookie = "") =>
  (await test.as(token)({ url: "/user/remembered-devices/", headers: { cookie } })).json().devices;

describe("a remembered device", () => {
  it("is asked for no second factor for thirty days, and its session says why", async () => {
    const who = await owner();
    const held = await logIn(who.username);
    expect(held.json()).toMatchObject({ code: "second_factor_required", remember_days: 30 });
    const { cookie, answer } = await trust(who);
    expect([answer.headers["set-cookie"]].flat().at(-1)).toMatch(
      /^meiduo_trusted=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/,
    );
    const again = await logIn(who.username, cookie);
    expect(again.statusCode).toBe(200);
    const session = await test.app.db.kysely
      .selectFrom("sessions")
      .select(["way", "factor"])
      .where("id", "=", String(claimsOf(again.json().token).sid))
      .execute();
    expect(session).toEqual([{ way: "password", factor: "remembered_device" }]);
    expect((await logIn(who.username)).statusCode, "another browser").toBe(403);
    const secret = cookie.split("=")[1]!;
    const stored = await test.app.db.kysely.selectFrom("remembered_devices").selectAll().execute();
    expect(JSON.stringify(stored)).not.toContain(secret);
    expect(lines.join("")).not.toContain(secret);
    test.clock.advance(30 * day - 60);
    expect((await logIn(who.username, cookie)).statusCode).toBe(200);
    // Its use lengthens nothing.
    test.clock.advance(120);
    expect((await logIn(who.username, cookie)).statusCode).toBe(403);
  });

  it("spares nobody the first factor", async () => {
    const who = await owner();
    const { cookie } = await trust(who);
    const wrong = await logIn(who.username, cookie, "not the password");
    expect(wrong.statusCode).toBe(400);
    expect(wrong.body).not.toContain("token");
    expect((await test.anonymous({ url: "/user/", headers: { cookie } })).statusCode).toBe(401);
  });

  it("is that of one account; two in one browser each have theirs, and nothing brought is kept", async () => {
    const one = await owner();
    const other = await owner();
    const first = await trust(one);
    expect((await logIn(other.username, first.cookie)).statusCode).toBe(403);
    const both = await trust(other, first.cookie);
    expect(both.cookie).not.toBe(first.cookie);
    for (const { username } of [one, other]) {
      expect((await logIn(username, both.cookie)).statusCode).toBe(200);
      expect((await logIn(username, first.cookie)).statusCode, "as planted by who knows it").toBe(403);
    }
    const planted = `meiduo_trusted=${"A".repeat(43)}`;
    const third = await trust(one, planted);
    expect(third.cookie).not.toBe(planted);
    expect((await logIn(one.username, planted)).statusCode).toBe(403);
  });

  it("is none where nobody wished so", async () => {
    const who = await owner();
    const { step } = (await logIn(who.username)).json();
    const answer = await post("/users/second-factor/", { step, code: who.next() });
    expect(trustIn(answer)).toBe("");
    expect(await listed(answer.json().token)).toEqual([]);
  });

  it("is never that of staff, nor of who became staff", async () => {
    for (const standing of [{ is_staff: 1 }, { is_superuser: 1 }] as const) {
      const who = await owner(standing);
      expect((await logIn(who.username)).json()).not.toHaveProperty("remember_days");
      const { cookie, token } = await trust(who);
      expect(cookie).toBe("");
      expect(await listed(token)).toEqual([]);
    }
    const promoted = await owner();
    const { cookie } = await trust(promoted);
    await test.app.db.kysely
      .updateTable("users")
      .set({ is_staff: 1 })
      .where("id", "=", promoted.id)
      .execute();
    expect((await logIn(promoted.username, cookie)).statusCode).toBe(403);
  });

  it("also spares it who comes by simplejwt's path, and is made there", async () => {
    const who = await owner();
    const credentials = { username: who.username, password };
    const { step } = (await post("/api/token/", credentials)).json();
    const done = await post("/api/token/second-factor/", { step, code: who.next(), remember_device: true });
    const cookie = trustIn(done);
    expect((await post("/api/token/", credentials, { cookie })).statusCode).toBe(200);
    expect((await post("/api/token/", credentials)).statusCode).toBe(401);
  });
});

describe("it ends", () => {
  const ends: Readonly<Record<string, (who: Owner, token: string, cookie: string) => Promise<string>>> = {
    async "with a new password"(_who, token) {
      const typed = { current_password: password, password: "another-8Bb", password2: "another-8Bb" };
      const answer = await test.as(token)({ method: "PUT", url: "/user/password/", payload: typed });
      expect(answer.statusCode, answer.body).toBe(200);
      return "another-8Bb";
    },
    async "with a password reset"({ email }) {
      const email_code = await test.codeFor(email, "resetpwd");
      const typed = { password: "another-8Bb", password2: "another-8Bb" };
      expect((await post("/users/password/", { email, email_code, ...typed })).statusCode).toBe(200);
      return "another-8Bb";
    },
    async "with the end of every session"(_who, token) {
      expect((await test.as(token)({ method: "POST", url: "/user/tokens/end/" })).statusCode).toBe(200);
      return password;
    },
    async "with other recovery codes"({ next }, token) {
      const url = "/user/second-factor/recovery-codes/";
      expect((await test.as(token)({ method: "POST", url, payload: { code: next() } })).statusCode).toBe(200);
      return password;
    },
    async "with a second factor that is switched off and on again"({ username, next }, token) {
      const url = "/user/second-factor/remove/";
      expect((await test.as(token)({ method: "POST", url, payload: { code: next() } })).statusCode).toBe(200);
      await switchOnSecondFactor(test, username);
      return password;
    },
    async "by its owner's wish, in the list"(_who, token, cookie) {
      const [device] = await listed(token, cookie);
      const url = `/user/remembered-devices/${device.id}/`;
      expect((await test.as(token)({ method: "DELETE", url })).statusCode).toBe(204);
      expect((await test.as(token)({ method: "DELETE", url })).statusCode).toBe(404);
      return password;
    },
    async "with every other session, seen from another device"(_who, token) {
      expect((await test.as(token)({ method: "DELETE", url: "/user/sessions/" })).statusCode).toBe(200);
      return password;
    },
  };

  it.each(Object.entries(ends))("%s", async (_how, end) => {
    const who = await owner();
    const { cookie, token } = await trust(who);
    expect((await logIn(who.username, cookie)).statusCode).toBe(200);
    const typed = await end(who, token, cookie);
    const after = await logIn(who.username, cookie, typed);
    expect([after.statusCode, after.json().code]).toEqual([403, "second_factor_required"]);
  });

  it("not with every other session, seen from itself", async () => {
    const who = await owner();
    const { cookie, token } = await trust(who);
    await test.as(token)({ method: "DELETE", url: "/user/sessions/", headers: { cookie } });
    expect((await logIn(who.username, cookie)).statusCode).toBe(200);
  });
});

describe("the list", () => {
  it("shows where, since when and until when, and which is this one; nobody else's", async () => {
    const who = await owner();
    const windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0.0.0 Safari/537.36";
    const { step } = (await post("/users/authorizations/", { username: who.username, password })).json();
    const headers = { "user-agent": windows };
    const held = await post("/users/authorizations/", { username: who.username, password }, headers);
    const payload = { step: held.json().step, code: who.next(), remember_device: true };
    const done = await post("/users/second-factor/", payload, headers);
    expect(step).not.toBe(held.json().step);
    const cookie = trustIn(done);
    const at = new Date(test.clock.now()).toISOString();
    const end = new Date(test.clock.now() + 30 * day * 1000).toISOString();
    expect(await listed(done.json().token, cookie)).toEqual([
      {
        ...{ id: expect.stringMatching(/^[\w-]{22}$/), current: true, browser: "Chrome", system: "Windows" },
        ...{ network: "127.0.0.*", created_at: at, last_used_at: at, expires_at: end },
      },
    ]);
    expect((await listed(done.json().token))[0].current).toBe(false);
    const stranger = await owner();
    const [device] = await listed(done.json().token);
    const url = `/user/remembered-devices/${device.id}/`;
    expect((await test.as(stranger.token)({ method: "DELETE", url })).statusCode).toBe(404);
    expect(await listed(done.json().token)).toHaveLength(1);
  });

  it("has ten at most: the one unused longest makes room", async () => {
    const who = await owner();
    const cookies: string[] = [];
    let token = "";
    for (let i = 0; i < 11; i++) {
      test.clock.advance(3600);
      const made = await trust(who);
      cookies.push(made.cookie);
      token = made.token;
    }
    expect(await listed(token)).toHaveLength(10);
    expect((await logIn(who.username, cookies[0])).statusCode).toBe(403);
    expect((await logIn(who.username, cookies[1])).statusCode).toBe(200);
  });
});

it("REMEMBER_DEVICE_DAYS=0: nobody is offered it, and what was remembered before counts no more", async () => {
  const off = await startTestApp({ env: { REMEMBER_DEVICE_DAYS: "0" } });
  try {
    await makePerson(off, "python01");
    const { next } = await switchOnSecondFactor(off, "python01");
    const call = (payload: object, url: string, headers = {}) =>
      off.anonymous({ method: "POST", url, payload, headers });
    const held = await call({ username: "python01", password }, "/users/authorizations/");
    expect(held.json()).not.toHaveProperty("remember_days");
    const payload = { step: held.json().step, code: next(), remember_device: true };
    expect(trustIn(await call(payload, "/users/second-factor/"))).toBe("");
  } finally {
    await off.close();
  }
});
