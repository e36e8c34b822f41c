import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimsOf, forge } from "../support/forged-token.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

let test: TestApp;
let owner: Person;
beforeEach(async () => {
  test = await startTestApp();
  owner = await makePerson(test, "python01", { email: "44@qq.com" });
});
afterEach(() => test.close());

interface Tokens {
  readonly token: string;
  readonly refresh_token: string;
}

async function logIn(username = "python01"): Promise<Tokens> {
  const payload = { username, password, refresh: true };
  const answer = await test.anonymous({ method: "POST", url: "/users/authorizations/", payload });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}
const show = (refresh_token: unknown) =>
  test.anonymous({ method: "POST", url: "/user/tokens/refresh/", payload: { refresh_token } });
async function renew(refreshToken: string): Promise<Tokens> {
  const answer = await show(refreshToken);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}
const statusOf = async (token: string) => (await test.as(token)({ url: "/user/" })).statusCode;
const ended = "登录已失效，请重新登录。";
const day = 86_400;

describe("a client that asks for refresh tokens", () => {
  it("gets a short access token and a refresh token that is none", async () => {
    const { token, refresh_token } = await logIn();
    const now = Math.floor(test.clock.now() / 1000);
    expect(claimsOf(token).exp).toBe(now + 900);
    expect(claimsOf(refresh_token)).toMatchObject({ token_type: "refresh", exp: now + 30 * day });
    expect(await statusOf(token)).toBe(200);
    expect(await statusOf(refresh_token)).toBe(401);
    test.clock.advance(900);
    expect(await statusOf(token)).toBe(401);
  });

  it("renews, within the same session, and is answered what log-in answers", async () => {
    const first = await logIn();
    test.clock.advance(3600);
    const answer = await show(first.refresh_token);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(Object.keys(answer.json())).toEqual(["token", "refresh_token", "user_id", "username"]);
    const second: Tokens = answer.json();
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(claimsOf(second.token).sid).toBe(claimsOf(first.token).sid);
    expect(claimsOf(second.refresh_token).exp).toBe(claimsOf(first.refresh_token).exp);
    expect(await statusOf(second.token)).toBe(200);
  });

  it("has a lost answer repeated for thirty seconds, the same token, and nothing forks", async () => {
    const first = await logIn();
    const second = await renew(first.refresh_token);
    test.clock.advance(30);
    expect((await renew(first.refresh_token)).refresh_token).toBe(second.refresh_token);
    const third = await renew(second.refresh_token);
    expect(await statusOf(third.token)).toBe(200);
  });

  it("keeps nothing in the table that could be shown instead", async () => {
    const { refresh_token } = await logIn();
    const rows = JSON.stringify(await test.app.db.kysely.selectFrom("sessions").selectAll().execute());
    for (const part of refresh_token.split(".")) expect(rows).not.toContain(part);
    // Whoever has the table knows all that the token says, and not the key.
    expect((await show(forge(claimsOf(refresh_token)))).statusCode).toBe(401);
  });
});

describe("a token replaced more than thirty seconds ago", () => {
  it("ends the session, tells the owner once and is in the audit log", async () => {
    const first = await logIn();
    const untouched = await logIn();
    const second = await renew(first.refresh_token);
    test.clock.advance(31);
    const answer = await show(first.refresh_token);
    expect(answer.statusCode).toBe(401);
    expect(answer.json().detail).toBe("刷新令牌早已被替换，该登录已结束，请重新登录。");
    expect((await show(second.refresh_token)).json().detail).toBe(ended);
    expect((await show(first.refresh_token)).json().detail).toBe(ended);
    expect(await statusOf(second.token)).toBe(401);
    expect(await statusOf((await renew(untouched.refresh_token)).token)).toBe(200);
    await test.runJobs();
    const told = test.mailbox.filter(({ to, subject }) => to === "44@qq.com" && subject.includes("已被结束"));
    expect(told).toHaveLength(1);
    expect(told[0]!.text).toContain("127.0.0.1");
    const entries = await test.app.db.kysely
      .selectFrom("audit_entries")
      .selectAll()
      .where("action", "=", "session.replayed")
      .execute();
    expect(entries).toMatchObject([{ target_id: owner.id, actor_id: null }]);
  });
});

describe("a session ends", () => {
  it("at its absolute end, however much it is used; its last access token does not outlive it", async () => {
    const first = await logIn();
    let tokens = first;
    for (let passed = 0; passed < 29; passed++) {
      test.clock.advance(day);
      tokens = await renew(tokens.refresh_token);
    }
    test.clock.advance(day - 60);
    tokens = await renew(tokens.refresh_token);
    expect(claimsOf(tokens.token).exp).toBe(claimsOf(first.refresh_token).exp);
    test.clock.advance(60);
    expect((await show(tokens.refresh_token)).json().detail).toBe(ended);
    expect(await statusOf(tokens.token)).toBe(401);
  });

  it("after a fortnight without use, and not a second earlier", async () => {
    const [one, other] = [await logIn(), await logIn()];
    test.clock.advance(14 * day - 1);
    await renew(one.refresh_token);
    test.clock.advance(1);
    expect((await show(other.refresh_token)).json().detail).toBe(ended);
  });

  it("for staff after half an hour without use and twelve hours in all", async () => {
    await makePerson(test, "staffuser", { is_staff: 1 });
    const idle = await logIn("staffuser");
    let tokens = await logIn("staffuser");
    for (let passed = 0; passed < 43_200 - 1700; passed += 1700) {
      test.clock.advance(1700);
      tokens = await renew(tokens.refresh_token);
    }
    expect((await show(idle.refresh_token)).statusCode).toBe(401);
    test.clock.advance(1700);
    expect((await show(tokens.refresh_token)).statusCode).toBe(401);
  });

  it("for staff who only use their access tokens: use counts, to three minutes", async () => {
    await makePerson(test, "staffuser", { is_staff: 1 });
    const tokens = await logIn("staffuser");
    test.clock.advance(800);
    expect(await statusOf(tokens.token)).toBe(200);
    test.clock.advance(1700);
    expect((await show(tokens.refresh_token)).statusCode).toBe(200);
  });

  it("for who became staff by the limits of staff", async () => {
    const tokens = await logIn();
    test.clock.advance(1801);
    await test.app.db.kysely.updateTable("users").set({ is_staff: 1 }).execute();
    expect((await show(tokens.refresh_token)).statusCode).toBe(401);
  });

  it("with the credentials, the account, and 'log out everywhere'", async () => {
    const tokens = await logIn();
    await test.as(tokens.token)({ method: "POST", url: "/user/tokens/end/" });
    expect((await show(tokens.refresh_token)).json().detail).toBe(ended);
    const later = await logIn();
    await test.app.db.kysely.updateTable("users").set({ is_active: 0 }).execute();
    expect((await show(later.refresh_token)).json().detail).toBe(ended);
  });

  it("as the one unused longest, where the account has more than fifty; one-day tokens don't count", async () => {
    const oneDay = owner.token;
    const oldest = await logIn();
    test.clock.advance(1);
    const second = await logIn();
    test.clock.advance(1);
    for (let i = 0; i < 48; i++) await logIn();
    test.clock.advance(1);
    expect(await statusOf((await renew(oldest.refresh_token)).token)).toBe(200);
    const newest = await logIn();
    expect((await show(second.refresh_token)).statusCode).toBe(401);
    expect((await show(oldest.refresh_token)).statusCode).toBe(200);
    expect((await show(newest.refresh_token)).statusCode).toBe(200);
    expect(await statusOf(oneDay)).toBe(200);
  });
});

describe("refused before the database is asked", () => {
  it.each(["", "x", "a.b.c", "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9..", "x".repeat(1000)])(
    "%j",
    async (text) => {
      expect([400, 401]).toContain((await show(text)).statusCode);
    },
  );

  it("an access token", async () => {
    expect((await show(owner.token)).statusCode).toBe(401);
  });

  it("a token with one letter changed", async () => {
    const { refresh_token } = await logIn();
    const at = refresh_token.length - 5;
    const other = refresh_token[at] === "A" ? "B" : "A";
    expect((await show(refresh_token.slice(0, at) + other + refresh_token.slice(at + 1))).statusCode).toBe(
      401,
    );
  });
});

it("a new password goes on with refresh tokens where it is asked to", async () => {
  const tokens = await logIn();
  const payload = {
    ...{ current_password: password, password: "another-8Bb", password2: "another-8Bb", refresh: true },
  };
  const answer = await test.as(tokens.token)({ method: "PUT", url: "/user/password/", payload });
  expect(answer.statusCode, answer.body).toBe(200);
  expect((await show(tokens.refresh_token)).statusCode).toBe(401);
  expect(await statusOf((await renew(answer.json().refresh_token)).token)).toBe(200);
});
