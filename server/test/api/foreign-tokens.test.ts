import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forge } from "../support/forged-token.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** Tokens that the mall's other services issued under the same key, and what ends them here. */
const day = 86_400;
const hour = 3600;

describe.each([
  ["by default", {}, day],
  ["of a service whose tokens live seven days", { FOREIGN_TOKEN_LIFE: String(7 * day) }, 7 * day],
])("a token of another service, %s", (_what, env, life) => {
  let test: TestApp;
  let ours: string;
  beforeAll(async () => {
    test = await startTestApp({ env });
    ours = (await test.signUp({ username: "python01", email: "44@qq.com" })).token;
  });
  afterAll(() => test.close());

  const now = () => Math.floor(test.clock.now() / 1000);
  const foreign = (claims: object = {}) =>
    forge({ user_id: 1, username: "python01", exp: now() + life, email: "44@qq.com", ...claims });
  const statusOf = async (token: string) => (await test.as(token)({ url: "/user/" })).statusCode;

  it("lives no longer than it may, and a minute for clocks", async () => {
    expect(await statusOf(foreign({ exp: now() + life + 60 }))).toBe(200);
    for (const exp of [now() + life + 61, now() + 10 * 365 * day, 4_102_444_800]) {
      for (const claims of [{}, { orig_iat: now() + 5 }, { iat: now() }]) {
        const answer = await test.as(foreign({ exp, ...claims }))({ url: "/user/" });
        expect([answer.statusCode, answer.json().detail]).toEqual([401, "不正确的身份认证信息。"]);
      }
    }
  });

  it("may say a time in the future, which counts as not said", async () => {
    for (const claims of [{ iat: now() + hour }, { orig_iat: now() + 5 }, { iat: "now" }, { iat: null }])
      expect(await statusOf(foreign(claims))).toBe(200);
  });

  it("ends with every end of the account's tokens", async () => {
    const before = [
      {},
      { iat: now() },
      { orig_iat: now() },
      { iat: now() + 5 * hour },
      { orig_iat: now() + 5 * hour },
      { iat: now() + 5 * hour, orig_iat: now() },
      { iat: now(), orig_iat: now() + 5 * hour },
      { iat: "x", orig_iat: now() },
    ].map(foreign);
    for (const token of before) expect(await statusOf(token)).toBe(200);
    test.clock.advance(60);
    const ended = await test.as(ours)({ method: "POST", url: "/user/tokens/end/" });
    expect(ended.statusCode).toBeLessThan(300);
    for (const token of [...before, ours]) expect(await statusOf(token)).toBe(401);
    // Whatever lies in the future still ends when it has come, too.
    test.clock.advance(1);
    for (const token of [foreign(), foreign({ iat: now() }), foreign({ orig_iat: now() })])
      expect(await statusOf(token)).toBe(200);
    expect(await statusOf(foreign({ iat: now(), orig_iat: now() - hour }))).toBe(200);
    expect(await statusOf(foreign({ iat: now() - hour, orig_iat: now() }))).toBe(401);
  });

  it("issued before the account was made is somebody else's", async () => {
    expect(await statusOf(foreign({ iat: now() - 2 * hour }))).toBe(401);
    await test.app.db.kysely.updateTable("users").set({ credentials_changed_at: null }).execute();
    const answer = await test.as(foreign({ iat: now() - 2 * hour }))({ url: "/user/" });
    expect([answer.statusCode, answer.json().detail]).toEqual([401, "Invalid signature."]);
    await test.app.db.kysely.updateTable("users").set({ joined_at: 0 }).execute();
    expect(await statusOf(foreign({ iat: now() - 2 * hour }))).toBe(200);
  });
});
