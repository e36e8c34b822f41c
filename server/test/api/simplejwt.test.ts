import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimsOf } from "../support/forged-token.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** The answers of djangorestframework-simplejwt 5.5.1, as recorded from it. */
let test: TestApp;
let owner: Person;
beforeEach(() => begin());
afterEach(() => test.close());

async function begin(env: Record<string, string> = {}) {
  test = await startTestApp({ env });
  owner = await makePerson(test, "python01");
}
const call = (path: string, payload: object, language = "en") =>
  test.anonymous({
    ...{ method: "POST", url: `/api/token/${path}`, payload },
    headers: { "accept-language": language },
  });
async function logIn(): Promise<{ refresh: string; access: string }> {
  const answer = await call("", { username: "python01", password });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}
const answerOf = async (path: string, payload: object, language?: string) => {
  const { statusCode, body } = await call(path, payload, language);
  return [statusCode, body];
};
const blacklisted = [401, '{"detail":"Token is blacklisted","code":"token_not_valid"}'];
const me = async (token: string) =>
  (await test.anonymous({ url: "/user/", headers: { authorization: `Bearer ${token}` } })).statusCode;

describe("log-in", () => {
  it("answers refresh first and access, both readable, each of its own type", async () => {
    const answer = await call("", { username: "python01", password });
    expect(Object.keys(answer.json())).toEqual(["refresh", "access"]);
    const { refresh, access } = answer.json();
    expect(claimsOf(access)).toMatchObject({ token_type: "access", user_id: owner.id });
    expect(claimsOf(refresh)).toMatchObject({ token_type: "refresh", user_id: String(owner.id) });
    expect(claimsOf(refresh).exp).toBeGreaterThan(claimsOf(access).exp as number);
    expect([await me(access), await me(refresh)]).toEqual([200, 401]);
  });

  it("has the same paths without /api", async () => {
    const answer = await test.anonymous({
      ...{ method: "POST", url: "/token/", payload: { username: "python01", password } },
    });
    expect(answer.statusCode).toBe(200);
  });

  it("says of a wrong name or password what it says there", async () => {
    const body = '{"detail":"No active account found with the given credentials"}';
    const wrong = { username: "python01", password: "wrong-password" };
    expect(await answerOf("", wrong)).toEqual([401, body]);
    expect(await answerOf("", { ...wrong, username: "nobody" })).toEqual([401, body]);
    expect(await answerOf("", wrong, "zh-CN")).toEqual([401, '{"detail":"找不到指定凭据对应的有效用户"}']);
    expect((await call("", wrong)).headers["www-authenticate"]).toBe('Bearer realm="api"');
    const missing = await call("", {});
    expect([missing.statusCode, Object.keys(missing.json()).slice(0, 2)]).toEqual([
      400,
      ["username", "password"],
    ]);
  });
});

describe("renewal", () => {
  it("answers access and another refresh token; the old one is on the black list after its grace", async () => {
    const first = await logIn();
    const answer = await call("refresh/", { refresh: first.refresh });
    expect(Object.keys(answer.json())).toEqual(["access", "refresh"]);
    expect(answer.json().refresh).not.toBe(first.refresh);
    expect(await me(answer.json().access)).toBe(200);
    test.clock.advance(31);
    expect(await answerOf("refresh/", { refresh: first.refresh })).toEqual(blacklisted);
  });

  it("by SIMPLEJWT_ROTATION=false answers the same one for ever, until the session's end", async () => {
    await test.close();
    await begin({ SIMPLEJWT_ROTATION: "false" });
    const { refresh } = await logIn();
    for (let days = 0; days < 29; days++) {
      test.clock.advance(86_400);
      const answer = await call("refresh/", { refresh });
      expect([answer.statusCode, answer.json().refresh]).toEqual([200, refresh]);
    }
    test.clock.advance(86_400);
    const expired = '{"detail":"Token is expired","code":"token_not_valid"}';
    expect(await answerOf("refresh/", { refresh })).toEqual([401, expired]);
  });

  it("says of a disabled account that there is none, without a code", async () => {
    const { refresh } = await logIn();
    await test.app.db.kysely.updateTable("users").set({ is_active: 0 }).execute();
    const body = '{"detail":"No active account found for the given token."}';
    expect(await answerOf("refresh/", { refresh })).toEqual([401, body]);
  });

  it("says what a token is that can't be renewed", async () => {
    const { access } = await logIn();
    const refused = (detail: string) => [401, JSON.stringify({ detail, code: "token_not_valid" })];
    expect(await answerOf("refresh/", { refresh: "garbage" })).toEqual(refused("Token is invalid"));
    expect(await answerOf("refresh/", { refresh: access })).toEqual(refused("Token has wrong type"));
    expect(await answerOf("refresh/", { refresh: access }, "zh")).toEqual(refused("令牌类型错误"));
    expect((await call("refresh/", {})).json()).toHaveProperty("refresh");
  });
});

describe("verification and the black list", () => {
  it("verifies either type, and neither after the log-out", async () => {
    const { access, refresh } = await logIn();
    expect(await answerOf("verify/", { token: access })).toEqual([200, "{}"]);
    expect(await answerOf("verify/", { token: refresh })).toEqual([200, "{}"]);
    expect((await call("verify/", { token: "x.y.z" })).statusCode).toBe(401);
    expect(await answerOf("blacklist/", { refresh })).toEqual([200, "{}"]);
    expect(await answerOf("blacklist/", { refresh })).toEqual(blacklisted);
    expect(await answerOf("refresh/", { refresh })).toEqual(blacklisted);
    const [status, body] = await answerOf("verify/", { token: refresh });
    expect([status, JSON.parse(String(body)).non_field_errors]).toEqual([400, ["Token is blacklisted"]]);
    expect((await call("verify/", { token: access })).json()).toMatchObject({ code: "token_not_valid" });
    expect(await me(access)).toBe(401);
  });

  it("answers 405 to a GET", async () => {
    expect((await test.anonymous({ url: "/api/token/" })).statusCode).toBe(405);
  });
});
