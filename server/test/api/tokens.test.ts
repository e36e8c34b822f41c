import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createUsers } from "../../src/accounts/users.ts";
import { createLog } from "../../src/kernel/log.ts";
import { createSigningKeys } from "../../src/sessions/keys/signing-keys.ts";
import { createTokens } from "../../src/sessions/tokens.ts";
import { tokenDeviations } from "../conformance/deviations.ts";
import { claimsOf, forge } from "../support/forged-token.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

interface Vector {
  readonly name: string;
  readonly token: string;
  readonly key?: string;
  readonly expect: "ok" | "reject";
  readonly detail?: string;
}
const { jwt_vectors: vectors, secret_key2: otherKey } = JSON.parse(
  readFileSync(new URL("../vectors/drf-jwt-tokens.json", import.meta.url), "utf8"),
) as { jwt_vectors: Vector[]; secret_key2: string };

describe("tokens recorded from drf-jwt", () => {
  let test: TestApp;
  beforeAll(async () => {
    // They end in 2100, further ahead than a token of another service may by default.
    test = await startTestApp({ env: { FOREIGN_TOKEN_LIFE: "4000000000" } });
    await test.signUp({ username: "python01", email: "44@qq.com" });
    // Those that say when they were issued say 2019.
    await test.app.db.kysely.updateTable("users").set({ joined_at: 0 }).execute();
  });
  afterAll(() => test.close());
  afterEach(() => rename("python01"));

  const rename = (username: string) =>
    test.app.db.kysely.updateTable("users").set({ username }).where("id", "=", 1).execute();

  // A header's value ends without white space (RFC 9110 section 5.5), so this one can't arrive; it is tried below.
  const sendable = vectors.filter(({ name }) => name !== "malformed: trailing newline");

  it.each(sendable.map((vector) => [vector.name, vector] as const))("%s", async (name, vector) => {
    if (name === "CJK username") await rename("全民python");
    const answer = await test.as(vector.token)({ url: "/user/" });
    const accepted = vector.expect === "ok" && !(name in tokenDeviations);
    if (accepted) {
      expect(answer.statusCode, answer.body).toBe(200);
      expect(answer.json()).toMatchObject({ id: 1 });
      return;
    }
    expect(answer.statusCode).toBe(401);
    expect(answer.headers["www-authenticate"]).toBe('JWT realm="api"');
    const recorded = vector.key === otherKey ? "" : (vector.detail ?? "");
    const text = tokenDeviations[name]?.detail ?? (recorded || "Error decoding signature.");
    // A header without a token says nothing of one.
    const code = text.startsWith("Invalid Authorization header.") ? {} : { code: "token_not_valid" };
    expect(answer.json()).toEqual({ detail: text, message: text, ...code });
  });

  it("without a longer FOREIGN_TOKEN_LIFE are refused", async () => {
    const strict = await startTestApp();
    try {
      await strict.signUp({ username: "python01", email: "44@qq.com" });
      const taken = sendable.filter(({ name, expect }) => expect === "ok" && !(name in tokenDeviations));
      expect(taken.length).toBeGreaterThan(3);
      for (const { name, token } of taken.filter(({ name }) => name !== "CJK username")) {
        const answer = await strict.as(token)({ url: "/user/" });
        expect([name, answer.json().detail]).toEqual([name, tokenDeviations["long life"]?.detail]);
      }
    } finally {
      await strict.close();
    }
  });

  it("deviate as the decision record says", () => {
    const record = readFileSync(
      new URL("../../../docs/adr/0002-deviations-from-the-original.md", import.meta.url),
      "utf8",
    ).replaceAll(/ +/g, " ");
    for (const [name, { reason }] of Object.entries(tokenDeviations))
      expect(record).toContain(`| ${name} | ${reason} |`);
  });

  const tokensUnder = (secretKey: string) =>
    createTokens({
      users: createUsers({ db: test.app.db, clock: test.clock }),
      sessions: { userIn: async () => null },
      clock: test.clock,
      signingKeys: createSigningKeys({
        ...{ db: test.app.db, clock: test.clock, log: createLog("silent"), secretKeys: [secretKey] },
        signing: { algorithm: "HS256", rsaBits: 2048, rotateDays: 90, hs256Until: null },
        ...{ tokenLifeSeconds: 86_400, foreignLifeSeconds: 86_400 },
      }),
      foreign: { lifeSeconds: 4_000_000_000, withoutUsername: false, trustsSecondFactor: false },
      secondFactorPolicy: { isDue: async () => false, isDueIn: () => null },
      impersonations: {
        impersonatorIn: async () => {
          throw new Error("nobody acts for anybody here");
        },
      },
    });

  it("a key outside ASCII is used as its UTF-8 bytes", async () => {
    const { token } = vectors.find(({ key }) => key === otherKey)!;
    expect(await tokensUnder(otherKey).authenticate(token)).toMatchObject({ id: 1 });
  });

  it("malformed: trailing newline", async () => {
    const { token } = vectors.find(({ name }) => name === "malformed: trailing newline")!;
    expect(token).toMatch(/\n$/);
    const refused = tokensUnder(testSecretKey).authenticate(token);
    await expect(refused).rejects.toMatchObject({ code: "token_undecodable" });
  });
});

describe("access tokens", () => {
  let test: TestApp;
  let token: string;
  beforeAll(async () => {
    test = await startTestApp();
    ({ token } = await test.signUp({ username: "python01", email: "44@qq.com" }));
  });
  afterAll(() => test.close());

  const me = (authorization?: string) =>
    test.anonymous({ url: "/user/", headers: authorization === undefined ? {} : { authorization } });
  const now = () => Math.floor(test.clock.now() / 1000);
  const legacy = (over: object = {}) =>
    forge({ user_id: 1, username: "python01", exp: now() + 86_400, email: "44@qq.com", ...over });
  const detail = async (authorization?: string) => {
    const answer = await me(authorization);
    expect(answer.statusCode, answer.body).toBe(401);
    expect(answer.headers["www-authenticate"]).toBe('JWT realm="api"');
    return answer.json().detail;
  };

  it("have the original's header, its claims first, a day's life and no audience", () => {
    expect(token.split(".")[0]).toBe("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9");
    const claims = claimsOf(token);
    expect(Object.keys(claims).slice(0, 4)).toEqual(["user_id", "username", "exp", "email"]);
    expect(claims).toMatchObject({ user_id: 1, username: "python01", email: "44@qq.com" });
    // PyJWT 2.6 and later refuses one from the future, which is a service whose clock is a second behind.
    expect(claims).not.toHaveProperty("iat");
    expect(claims.exp).toBe(now() + 86_400);
    expect(claims).not.toHaveProperty("aud");
    expect(JSON.stringify(claims)).not.toMatch(/password|argon2|mobile/);
    const { alg: _alg, ...rest } = claims;
    expect(forge(rest)).toBe(token);
  });

  it.each(["JWT", "jwt", "Jwt", "Bearer", "bearer", "BEARER"])("are taken after %s", async (scheme) => {
    expect((await me(`${scheme} ${token}`)).json()).toMatchObject({ username: "python01" });
  });

  it.each([
    [undefined, "身份认证信息未提供。"],
    ["", "身份认证信息未提供。"],
    ["Basic cHl0aG9uMDE6MTIzNDU2NzhhQQ==", "身份认证信息未提供。"],
    ["JWT", "Invalid Authorization header. No credentials provided."],
    ["bearer ", "Invalid Authorization header. No credentials provided."],
    ["JWT a b", "Invalid Authorization header. Credentials string should not contain spaces."],
    ["JWT x.y.z", "Error decoding signature."],
    ["JWT ..", "Error decoding signature."],
    [`JWT ${"x".repeat(8000)}`, "Error decoding signature."],
  ])("refuses %j", async (authorization, text) => {
    expect(await detail(authorization)).toBe(text);
  });

  it("refuses what another key, another algorithm or no algorithm signed", async () => {
    const claims = { user_id: 1, username: "python01", exp: now() + 60, email: "" };
    expect(await detail(`JWT ${forge(claims, { key: `${testSecretKey}!` })}`)).toBe(
      "Error decoding signature.",
    );
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    for (const alg of ["none", "None", "NONE"]) {
      expect((await me(`JWT ${part({ typ: "JWT", alg })}.${part(claims)}.`)).statusCode).toBe(401);
    }
    for (const alg of ["HS384", "HS512", "RS256", "hs256", "", "HS256 "]) {
      const forged = forge(claims, { header: { typ: "JWT", alg } });
      expect((await me(`JWT ${forged}`)).statusCode, alg).toBe(401);
    }
    // A key in the header is nobody's but the sender's.
    const jwk = { kty: "oct", k: Buffer.from("evil").toString("base64url") };
    const own = forge(claims, { key: "evil", header: { typ: "JWT", alg: "HS256", jwk } });
    expect(await detail(`JWT ${own}`)).toBe("Error decoding signature.");
    const [header, payload, signature] = token.split(".");
    const raised = Buffer.from(payload!, "base64url").toString().replace('"user_id":1', '"user_id":2');
    const changed = `${header}.${Buffer.from(raised).toString("base64url")}.${signature}`;
    expect(await detail(`JWT ${changed}`)).toBe("Error decoding signature.");
  });

  it("refuses claims that are not what they should be, in the original's words", async () => {
    expect(await detail(`JWT ${legacy({ username: undefined })}`)).toBe("Invalid payload.");
    expect(await detail(`JWT ${legacy({ username: "" })}`)).toBe("Invalid payload.");
    expect(await detail(`JWT ${legacy({ user_id: 99, username: "ghost" })}`)).toBe("Invalid signature.");
    expect(await detail(`JWT ${legacy({ username: "somebody" })}`)).toBe("Invalid signature.");
    for (const user_id of [null, undefined, 1.5, -1, [1], { a: 1 }, "1 or 1", 2 ** 60, true])
      expect(await detail(`JWT ${legacy({ user_id })}`)).toBe("Invalid signature.");
    expect(await detail(`JWT ${legacy({ exp: undefined })}`)).toBe("不正确的身份认证信息。");
    expect(await detail(`JWT ${legacy({ exp: now() })}`)).toBe("Signature has expired.");
    expect(await detail(`JWT ${legacy({ exp: "never" })}`)).toBe("Error decoding signature.");
    expect(await detail(`JWT ${legacy({ nbf: now() + 1 })}`)).toBe("不正确的身份认证信息。");
    expect((await me(`JWT ${legacy({ nbf: now() })}`)).statusCode).toBe(200);
    expect(await detail(`JWT ${legacy({ v: 99 })}`)).toBe("Signature has expired.");
    expect(await detail(`JWT ${legacy({ v: "0" })}`)).toBe("Signature has expired.");
    for (const claims of ["text", 5, null, []])
      expect((await me(`JWT ${forge(claims)}`)).statusCode).toBe(401);
  });

  it("that are bad are refused on open endpoints too", async () => {
    for (const url of ["/test/", "/users/usernames/python01/count/"]) {
      expect((await test.as("x.y.z")({ url })).statusCode, url).toBe(401);
      expect((await test.as(token)({ url })).statusCode, url).toBe(200);
    }
    const sent = await test.as("x.y.z")({ url: "/verifications/email_codes/new@qq.com/" });
    expect(sent.statusCode).toBe(401);
    await test.runJobs();
    expect(test.mailbox.filter(({ to }) => to === "new@qq.com")).toEqual([]);
  });

  it("of the mall's other services are accepted until they expire, with numbers as text too", async () => {
    for (const one of [
      legacy(),
      legacy({ user_id: "1" }),
      legacy({ email: "" }),
      legacy({ iat: now() + 600 }),
    ])
      expect((await me(`JWT ${one}`)).json()).toMatchObject({ id: 1 });
  });

  it("of a disabled account are refused, and work again with it", async () => {
    const set = (is_active: 0 | 1) =>
      test.app.db.kysely.updateTable("users").set({ is_active }).where("id", "=", 1).execute();
    await set(0);
    expect(await detail(`JWT ${token}`)).toBe("用户账户已禁用。");
    await set(1);
    expect((await me(`JWT ${token}`)).statusCode).toBe(200);
  });

  it("end with a change of the password, those of other services included", async () => {
    const other = legacy();
    const refreshed = legacy({ orig_iat: now() });
    test.clock.advance(60);
    const email_code = await test.codeFor("44@qq.com", "resetpwd");
    const payload = {
      email: "44@qq.com",
      email_code,
      password: "another-pass-1",
      password2: "another-pass-1",
    };
    const reset = await test.anonymous({ method: "POST", url: "/users/password/", payload });
    expect(reset.statusCode).toBe(200);
    for (const dead of [token, other, refreshed])
      expect(await detail(`JWT ${dead}`)).toBe("Signature has expired.");
    test.clock.advance(1);
    expect((await me(`JWT ${legacy()}`)).statusCode).toBe(200);
    const logIn = await test.anonymous({
      method: "POST",
      url: "/users/authorizations/",
      payload: { username: "python01", password: "another-pass-1" },
    });
    token = logIn.json().token;
    expect((await me(`JWT ${token}`)).statusCode).toBe(200);
  });

  it("end to the second, also when they were verified a moment before", async () => {
    const { exp } = claimsOf(token) as { exp: number };
    test.clock.advance(exp - now() - 1);
    expect((await me(`JWT ${token}`)).statusCode).toBe(200);
    test.clock.advance(1);
    expect(await detail(`JWT ${token}`)).toBe("Signature has expired.");
  });

  it("live as long as is configured", async () => {
    const short = await startTestApp({ env: { JWT_EXPIRATION_DELTA: "120" } });
    try {
      const user = await short.signUp({ username: "python01", email: "44@qq.com" });
      short.clock.advance(119);
      expect((await short.as(user.token)({ url: "/user/" })).statusCode).toBe(200);
      short.clock.advance(1);
      expect((await short.as(user.token)({ url: "/user/" })).statusCode).toBe(401);
    } finally {
      await short.close();
    }
  });
});
