import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimsOf, forge } from "../support/forged-token.ts";
import { introspectionOf } from "../support/introspection.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** What else is signed under a key that services share, and what opens nothing here for that reason. */
let test: TestApp;
let ours: string;
let asks: (token: string) => Promise<boolean>;
beforeAll(async () => {
  test = await startTestApp();
  asks = await introspectionOf(test);
  ours = (await test.signUp({ username: "python01", email: "44@qq.com" })).token;
  await test.app.db.kysely.updateTable("users").set({ is_staff: 1, is_superuser: 1 }).execute();
});
afterAll(() => test.close());

const now = () => Math.floor(test.clock.now() / 1000);
const plain = () => ({ user_id: 1, username: "python01", exp: now() + 3600, email: "44@qq.com" });
const simplejwt = () => ({ token_type: "access", exp: now() + 300, iat: now(), jti: "0f3a", user_id: "1" });

async function statuses(token: string): Promise<number[]> {
  const answers = await Promise.all(
    ["/user/", "/admin/users/", "/test/"].map((url) => test.as(token)({ url })),
  );
  for (const answer of answers.filter(({ statusCode }) => statusCode !== 200)) {
    expect(answer.headers["www-authenticate"]).toBe('JWT realm="api"');
    const text = "不正确的身份认证信息。";
    expect(answer.json()).toEqual({ detail: text, message: text, code: "token_not_valid" });
  }
  // Who asks about a token is told what its bearer would be.
  expect(await asks(token), "introspection").toBe(answers[0]!.statusCode === 200);
  return answers.map(({ statusCode }) => statusCode);
}

describe("is refused, whoever it names", () => {
  it.each<object>([
    { aud: "https://shop.example" },
    { aud: ["meiduo"] },
    { aud: "" },
    { aud: [] },
    { token_type: "refresh" },
    { token_type: "sliding" },
    { token_type: "Refresh" },
    { token_type: "" },
    { token_type: 1 },
    { token_type: ["access", "refresh"] },
    { typ: "Refresh" },
    { typ: "ID" },
    { typ: "Logout" },
    { token_use: "id" },
    { purpose: "password-reset" },
    { purpose: "login" },
    { purpose: { of: "download" } },
    { token_purpose: "unsubscribe" },
    { type: "refresh" },
    { type: "passwordReset" },
    { type: "emailverification" },
    { use: "email_confirmation" },
    { action: "reset" },
    { action: "resetpwd" },
    { kind: "magic-link" },
    { scope: "mfa" },
    { scope: ["profile", "password_reset"] },
    { scopes: ["refresh"] },
    { scp: "mfa" },
    { tokenType: "refresh" },
    { "token-use": "id" },
    { TokenPurpose: "unsubscribe" },
    { refresh: true },
    { isRefresh: true },
    { reset_password: true },
    { verify_email: true },
    { nonce: "n-0S6_WzA2Mj" },
    { at_hash: "MTIzNDU2Nzg5MDEyMzQ1Ng" },
    { c_hash: "LDktKdoQak3Pk0cnXxCltA" },
    { cnf: { jkt: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } },
    { events: { "http://schemas.openid.net/event/backchannel-logout": {} } },
  ])("with the claim %j", async (claim) => {
    expect(await statuses(forge({ ...plain(), ...claim }))).toEqual([401, 401, 401]);
    // Ours say none of it, so one of ours that does is forged as well.
    expect(await statuses(forge({ ...claimsOf(ours), ...claim }))).toEqual([401, 401, 401]);
  });

  it.each<object>([
    { typ: "logout+jwt" },
    { typ: "at+jwt" },
    { typ: "secevent+jwt" },
    { typ: "dpop+jwt" },
    { typ: "JOSE" },
    { typ: "" },
    { typ: null },
    { typ: ["JWT"] },
    { typ: "JWT", cty: "JWT" },
    { typ: "JWT", crit: ["exp"] },
    { typ: "JWT", crit: ["b64"], b64: true },
    { typ: "JWT", crit: [] },
    { typ: "JWT", crit: null },
    { typ: "JWT", crit: 0 },
  ])("with the header %j", async (header) => {
    const token = forge(plain(), { header: { alg: "HS256", ...header } });
    expect((await test.as(token)({ url: "/user/" })).statusCode).toBe(401);
    expect(await asks(token)).toBe(false);
  });
});

describe("is taken, with what a site adds", () => {
  it.each<object>([
    {},
    { aud: null },
    { iss: "mall" },
    { sub: "1", jti: "x" },
    { token_type: "access" },
    { token_type: "Bearer" },
    { typ: "Bearer" },
    { token_use: "access" },
    { type: "vip" },
    { type: 2 },
    { type: "verified" },
    { use: "wholesale" },
    { action: ["buy", "sell"] },
    { scope: "orders profile" },
    { kind: "preset" },
    { events: ["11.11"] },
    { tokenType: "access", shopId: 3, "X-Level": 2 },
    { reset_password: false, email_verified: true, password_reset_required: true },
    { nickname: "全民", level: 3, shop: { id: 7 }, is_staff: true, refresh: false, roles: ["reset"] },
  ])("%j", async (claims) => {
    expect(await statuses(forge({ ...plain(), ...claims }))).toEqual([200, 200, 200]);
  });

  it.each<object>([{}, { typ: "jwt" }, { typ: "application/jwt" }, { typ: "JWT", kid: "1" }])(
    "under the header %j",
    async (header) => {
      expect(await statuses(forge(plain(), { header: { alg: "HS256", ...header } }))).toEqual([
        200, 200, 200,
      ]);
    },
  );

  it("a drf-simplejwt access token that names the user", async () => {
    expect(await statuses(forge({ ...simplejwt(), username: "python01" }))).toEqual([200, 200, 200]);
  });
});

describe("a token without a user name", () => {
  const detailOf = async (app: TestApp, token: string) =>
    (await app.as(token)({ url: "/user/" })).json().detail as string;

  it("is refused by default, also drf-simplejwt's", async () => {
    expect(await detailOf(test, forge(simplejwt()))).toBe("Invalid payload.");
  });

  it("is taken where the setting says so, as an access token alone", async () => {
    const env = { FOREIGN_TOKEN_WITHOUT_USERNAME: "true" };
    const lenient = await startTestApp({ env, clock: test.clock });
    try {
      const user = await lenient.signUp({ username: "python01", email: "44@qq.com" });
      for (const user_id of ["1", 1]) {
        const answer = await lenient.as(forge({ ...simplejwt(), user_id }))({ url: "/user/" });
        expect(answer.json()).toMatchObject({ id: user.id });
      }
      const { username: _name, ...nameless } = plain();
      const { username: _ours, ...ownNameless } = claimsOf(user.token);
      for (const claims of [
        nameless,
        { ...nameless, token_type: "Bearer" },
        { ...simplejwt(), username: "" },
        { ...simplejwt(), username: null },
        { ...ownNameless, token_type: "access" },
      ])
        expect(await detailOf(lenient, forge(claims))).toBe("Invalid payload.");
      for (const user_id of ["2", "", "1x", " 1", "１", null])
        expect(await detailOf(lenient, forge({ ...simplejwt(), user_id }))).toBe("Invalid signature.");
      for (const token_type of ["refresh", "sliding"])
        expect(await detailOf(lenient, forge({ ...simplejwt(), token_type }))).toBe("不正确的身份认证信息。");
      // The id was somebody's before: a restore loses an account, and gives its id to the next.
      lenient.clock.advance(3600);
      await lenient.app.db.kysely.updateTable("users").set({ joined_at: lenient.clock.now() }).execute();
      const before = { ...simplejwt(), iat: now() - 600 };
      expect(await detailOf(lenient, forge(before))).toBe("Invalid signature.");
    } finally {
      await lenient.close();
    }
  });
});
