import type { LightMyRequestResponse } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { claimsOf } from "../support/forged-token.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";
import { password, waysIn } from "../support/ways-in.ts";

/**
 * Every way in ends at one door (sign-in/complete.ts): each is recorded once, in the log, in the metrics and as the
 * account's last log-in, and what goes on with a session is not.
 */
const minuteSeconds = 60;
let all: ThirdPartyTest;
const lines: string[] = [];
beforeAll(async () => {
  all = await startThirdPartyTest({
    env: { METRICS_PORT: "9464", AUTHENTICATORS: "jwt,basic" },
    logTo: { write: (line) => void lines.push(line) },
  });
});
afterAll(() => all.close());

let count = 0;
const fresh = () => `fresh${++count}`;
const signUp = (username: string) => all.test.signUp({ username, email: `${username}@qq.com` });
const post = (url: string, payload: object) => all.test.anonymous({ method: "POST", url, payload });

/** The numbers of the door in the answer that Prometheus gets, by way, and all together. */
async function counted(): Promise<Record<string, number>> {
  const text = (await all.test.app.metrics?.registry.metrics()) ?? "";
  const found = text.matchAll(/^meiduo_log_ins(?:_by_way\{how|\{outcome)="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...found].map(([, name, value]) => [name, Number(value)]));
}

const titled = waysIn(() => all);

describe.each(titled)("a log-in by $title", ({ how, provider, opensNoSession, prepare }) => {
  const username = fresh();
  let answer: LightMyRequestResponse;
  let before: Record<string, number>;
  beforeAll(async () => {
    const last = await prepare(username);
    before = await counted();
    lines.length = 0;
    // Later than whatever the preparation logged in with.
    all.test.clock.advance(minuteSeconds);
    answer = await last();
    expect([200, 201], answer.body).toContain(answer.statusCode);
  });

  test("is one line of the log, without the name that was typed", () => {
    const told = lines.map((line) => JSON.parse(line)).filter(({ msg }) => /log(ged)?[ -]in/.test(msg));
    const id = answer.json().user_id ?? answer.json().id;
    expect(told).toEqual([
      {
        ...{ level: "info", time: expect.any(String), msg: "logged in", how },
        ...{ userId: id, client: "127.0.0.1", ...(provider && { provider }) },
        ...(how === "passkey" && { factor: "passkey" }),
      },
    ]);
    expect(lines.join("")).not.toContain(username);
  });

  test("counts once, by its way and in the sum", async () => {
    const succeeded = (before.succeeded ?? 0) + 1;
    expect(await counted()).toEqual({ ...before, succeeded, [how]: (before[how] ?? 0) + 1 });
  });

  test(opensNoSession ? "is no log-in of the account's" : "is the account's last log-in", async () => {
    const { db, users } = all.test.app;
    const id = answer.json().user_id ?? answer.json().id;
    if (opensNoSession) return expect((await users.byId(id))?.last_login_at).not.toBe(all.test.clock.now());
    expect((await users.byId(id))?.last_login_at).toBe(all.test.clock.now());
    const others = await db.kysely
      .selectFrom("users")
      .select("id")
      .where("last_login_at", "=", all.test.clock.now())
      .execute();
    expect(others).toEqual([{ id }]);
  });

  test(opensNoSession ? "opens no session" : "opens a session for a device that is known then", async () => {
    const cookie = String(answer.headers["set-cookie"] ?? "");
    if (opensNoSession) {
      expect(cookie).not.toContain("meiduo_device=");
      expect(answer.json()).not.toHaveProperty("token");
      return;
    }
    expect(cookie).toContain("meiduo_device=");
    const own = await all.test.as(answer.json().token)({ url: "/user/" });
    expect(own.json().id).toBe(answer.json().user_id);
  });
});

const ofOldAccounts = titled.filter(({ withFactor }) => withFactor !== "new account");
describe.each(ofOldAccounts)(
  "a log-in by $title to an account with a second factor",
  ({ how, withFactor, prepare }) => {
    const outcomes: Readonly<Record<string, string>> = {
      ...{ step: "is held up, and goes on with a code", refused: "is refused" },
      "both factors": "is not held up",
    };
    test(outcomes[withFactor]!, async () => {
      const username = fresh();
      const last = await prepare(username, { who: "long" });
      all.test.clock.advance(minuteSeconds);
      const { next } = await switchOnSecondFactor(all.test, username);
      const before = await counted();
      const held = await last();
      if (withFactor === "both factors") {
        expect(held.json(), held.body).toMatchObject({ username, token: expect.any(String) });
        expect((await counted())[how]).toBe((before[how] ?? 0) + 1);
        return;
      }
      expect(held.json()).toMatchObject({ code: "second_factor_required" });
      expect(held.body).not.toContain('"token"');
      expect(String(held.headers["set-cookie"] ?? "")).not.toContain("meiduo_device=");
      expect(await counted(), "not a log-in yet").toEqual(before);
      if (withFactor === "refused") return expect(held.statusCode).toBe(401);
      expect(held.statusCode).toBe(403);
      const done = await post("/users/second-factor/", { step: held.json().step, code: next() });
      expect(done.json(), done.body).toMatchObject({ username, token: expect.any(String) });
      expect((await counted())[how]).toBe((before[how] ?? 0) + 1);
    });
  },
);

const ofSessions = titled.filter(({ opensNoSession }) => !opensNoSession);
describe.each(ofSessions)("a log-in by $title that asks for refresh tokens", ({ how, provider, prepare }) => {
  test("gets one that renews its session, which knows how it began; who asks for none gets none", async () => {
    all.test.clock.advance(minuteSeconds);
    const plain = (await (await prepare(fresh(), { who: "emoji" }))()).json();
    expect(plain).not.toHaveProperty("refresh_token");
    all.test.clock.advance(minuteSeconds);
    const asked = await (await prepare(fresh(), { who: "rtl", refresh: true }))();
    const { token, refresh_token } = asked.json();
    const renewed = await post("/user/tokens/refresh/", { refresh_token });
    expect(renewed.statusCode, asked.body).toBe(200);
    expect(claimsOf(renewed.json().token).sid).toBe(claimsOf(token).sid);
    const row = await all.test.app.db.kysely
      .selectFrom("sessions")
      .select(["way", "provider"])
      .where("id", "=", String(claimsOf(token).sid))
      .executeTakeFirst();
    expect(row).toEqual({ way: how, provider: provider ?? null });
  });
});

test("the table has every way that the metrics name", async () => {
  const outcomes = ["succeeded", "refused", "throttled"];
  const named = Object.keys(await counted()).filter((name) => !outcomes.includes(name));
  expect(named.toSorted()).toEqual([...new Set(titled.map(({ how }) => how))].toSorted());
});

describe("what is no log-in is not recorded as one", () => {
  const quietly = async (act: () => Promise<LightMyRequestResponse>) => {
    const before = await counted();
    lines.length = 0;
    all.test.clock.advance(minuteSeconds);
    const answer = await act();
    expect(answer.statusCode, answer.body).toBe(200);
    expect(lines.join("")).not.toContain("logged in");
    expect(await counted()).toEqual(before);
    return answer;
  };
  const lastLogIn = async (id: number) => (await all.test.app.users.byId(id))?.last_login_at;

  test("a new password, which goes on with the session by a new token", async () => {
    const { id, token } = await signUp(fresh());
    const last = await lastLogIn(id);
    const payload = { current_password: password, password: "another-8Bb", password2: "another-8Bb" };
    const answer = await quietly(() =>
      all.test.as(token)({ method: "PUT", url: "/user/password/", payload }),
    );
    expect(String(answer.headers["set-cookie"])).toContain("meiduo_device=");
    expect((await all.test.as(token)({ url: "/user/" })).statusCode).toBe(401);
    expect((await all.test.as(answer.json().token)({ url: "/user/" })).statusCode).toBe(200);
    expect(await lastLogIn(id)).toBe(last);
  });

  test("a reset, after which its owner logs in by the new password", async () => {
    const username = fresh();
    const { id, email } = await signUp(username);
    const last = await lastLogIn(id);
    const email_code = await all.test.codeFor(email, "resetpwd");
    const typed = { password: "another-8Bb", password2: "another-8Bb" };
    const answer = await quietly(() => post("/users/password/", { email, email_code, ...typed }));
    expect(answer.json()).toEqual({ message: "OK" });
    expect(await lastLogIn(id)).toBe(last);
  });
});
