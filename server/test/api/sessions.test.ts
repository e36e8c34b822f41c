import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimsOf, forge } from "../support/forged-token.ts";
import { makePerson, type Person, password, tokenOf } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let test: TestApp;
let owner: Person;
beforeEach(async () => {
  test = await startTestApp({ env: { TRUST_PROXY: "1", AUTHENTICATORS: "jwt,basic" } });
  owner = await makePerson(test, "python01", { email: "44@qq.com" });
});
afterEach(() => test.close());

const rows = () => test.app.db.kysely.selectFrom("sessions").selectAll().orderBy("created_at").execute();
const statusOf = async (token: string) => (await test.as(token)({ url: "/user/" })).statusCode;
const seconds = () => Math.floor(test.clock.now() / 1000);
const claims = (over: object = {}) => ({
  ...{ user_id: owner.id, username: "python01", exp: seconds() + 3600, email: "44@qq.com" },
  ...over,
});

describe("a log-in", () => {
  it("opens one session, which its token names, with where it came from and how", async () => {
    const before = await rows();
    const answer = await test.anonymous({
      method: "POST",
      url: "/users/authorizations/",
      payload: { username: "python01", password },
      headers: { "x-forwarded-for": "203.0.113.7", "user-agent": `Firefox/140.0 ${"x".repeat(500)}` },
    });
    expect(Object.keys(answer.json())).toEqual(["token", "user_id", "username"]);
    const { sid, exp, token_type } = claimsOf(answer.json().token);
    expect(token_type).toBe("access");
    const opened = (await rows()).filter((row) => !before.some(({ id }) => id === row.id));
    expect(opened).toEqual([
      {
        ...{ id: sid, user_id: owner.id, credentials_version: 0, way: "password", provider: null },
        ...{ user_agent: expect.stringMatching(/^Firefox\/140\.0 x{242}$/), network: "203.0.113.7" },
        ...{ created_at: test.clock.now(), last_seen_at: test.clock.now() },
        ...{ expires_at: (exp as number) * 1000, idle_seconds: null, counter: 0, rotations: "" },
        ...{ ended_at: null, ended_by: null, proved_at: test.clock.now(), factor: null },
        ...{ impersonator_id: null, impersonator_session: null },
      },
    ]);
  });

  it("of HTTP Basic opens none, nor does another service's token, whatever sid it has", async () => {
    const before = await rows();
    const basic = `Basic ${Buffer.from(`python01:${password}`).toString("base64")}`;
    const answer = await test.anonymous({ url: "/user/", headers: { authorization: basic } });
    expect(answer.statusCode).toBe(200);
    expect(await statusOf(forge(claims({ sid: "of-their-own" })))).toBe(200);
    expect(await rows()).toEqual(before);
  });
});

describe("a token", () => {
  it("ends with its session, and no other does", async () => {
    const other = await tokenOf(test, "python01");
    await test.app.db.kysely
      .updateTable("sessions")
      .set({ ended_at: test.clock.now() })
      .where("id", "=", String(claimsOf(owner.token).sid))
      .execute();
    const answer = await test.as(owner.token)({ url: "/user/" });
    expect([answer.statusCode, answer.json().detail]).toEqual([401, "Signature has expired."]);
    expect(await statusOf(other)).toBe(200);
  });

  it("ends where its row is gone, as after a restore", async () => {
    await test.app.db.kysely.deleteFrom("sessions").execute();
    expect(await statusOf(owner.token)).toBe(401);
  });

  it("names a session of its own account alone", async () => {
    const stranger = await makePerson(test, "python02");
    const { sid } = claimsOf(stranger.token);
    expect(await statusOf(forge(claims({ v: 0, sid })))).toBe(401);
    expect(await statusOf(forge(claims({ v: 0, sid: claimsOf(owner.token).sid })))).toBe(200);
    expect(await statusOf(forge(claims({ v: 0, sid: 7 })))).toBe(401);
  });

  it("of the version before sessions, which names none, is good until its end", async () => {
    const earlier = forge(claims({ jti: "x", v: 0 }));
    expect(await statusOf(earlier)).toBe(200);
    test.clock.advance(3600);
    expect(await statusOf(earlier)).toBe(401);
  });

  it("notes at most every ten minutes that its session was seen", async () => {
    const seenAt = async () => (await rows())[0]!.last_seen_at;
    const begin = await seenAt();
    test.clock.advance(599);
    await statusOf(owner.token);
    expect(await seenAt()).toBe(begin);
    test.clock.advance(1);
    await statusOf(owner.token);
    expect(await seenAt()).toBe(test.clock.now());
  });
});

it("what ended is purged after a week, what lives is not", async () => {
  test.clock.advance(86_399);
  expect(await test.app.maintenance.run()).toMatchObject({ sessions: 0 });
  test.clock.advance(7 * 86_400);
  const last = await tokenOf(test, "python01");
  expect(await test.app.maintenance.run()).toMatchObject({ sessions: 0 });
  test.clock.advance(1);
  expect(await test.app.maintenance.run()).toMatchObject({ sessions: 1 });
  expect(await statusOf(last)).toBe(200);
});
