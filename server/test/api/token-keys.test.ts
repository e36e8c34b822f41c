import { createHmac, generateKeyPairSync, sign, type webcrypto } from "node:crypto";
import { createLocalJWKSet, jwtVerify } from "jose";
import { afterEach, describe, expect, it } from "vitest";
import { claimsOf } from "../support/forged-token.ts";
import { makePerson, password } from "../support/people.ts";
import { restartedSite } from "../support/restarted-site.ts";
import { startTestApp, type TestApp, type TestAppOptions } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Access tokens under keys that other services verify by: which key signs, which are published, and what is refused. */
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function site(env: TestAppOptions["env"] = {}): Promise<TestApp> {
  const test = await startTestApp({ env });
  open.push(test);
  return test;
}
/** As after a restart with other settings, on the same database. */
async function restarted(test: TestApp, signing: Partial<TestApp["config"]["signing"]>) {
  const settings = { secretKey: testSecretKey, signing: { ...test.config.signing, ...signing } };
  const again = await restartedSite(test, settings);
  open.push(again);
  return again;
}
type Site = Pick<TestApp, "anonymous" | "as">;
const headerOf = (token: string) => Buffer.from(token.split(".")[0]!, "base64url").toString();
const algOf = (token: string) => JSON.parse(headerOf(token)).alg;
const jwksOf = async (test: Site) => (await test.anonymous({ url: "/.well-known/jwks.json" })).json();
const statusOf = async (test: Site, token: string) => (await test.as(token)({ url: "/user/" })).statusCode;
const day = 86_400;
const logIn = async (test: Site): Promise<string> => {
  const payload = { username: "python01", password };
  return (await test.anonymous({ method: "POST", url: "/users/authorizations/", payload })).json().token;
};

it("by default SECRET_KEY signs, the header is the recorded one, and no key is published or kept", async () => {
  const test = await site();
  const { token } = await test.signUp({ username: "python01", email: "44@qq.com" });
  expect(headerOf(token)).toBe('{"typ":"JWT","alg":"HS256"}');
  const answer = await test.anonymous({ url: "/.well-known/jwks.json" });
  expect([answer.statusCode, answer.body]).toEqual([200, '{"keys":[]}']);
  await test.app.maintenance.run();
  expect(await test.app.db.kysely.selectFrom("signing_keys").selectAll().execute()).toEqual([]);
});

describe.each(["ES256", "RS256"])("%s", (algorithm) => {
  it("signs from the start of a new site, and the published key verifies", async () => {
    const test = await site({ TOKEN_ALGORITHM: algorithm });
    const { token } = await test.signUp({ username: "python01", email: "44@qq.com" });
    const answer = await test.anonymous({ url: "/.well-known/jwks.json" });
    expect(answer.headers["cache-control"]).toBe("public, max-age=300");
    expect(answer.headers["content-type"]).toMatch(/^application\/json/);
    const jwks = answer.json();
    expect(jwks.keys.length).toBe(1);
    expect(JSON.parse(headerOf(token))).toEqual({ typ: "JWT", alg: algorithm, kid: jwks.keys[0].kid });
    for (const secret of ["d", "p", "q", "dp", "dq", "qi", "k"])
      expect(jwks.keys[0]).not.toHaveProperty(secret);
    const currentDate = new Date(test.clock.now());
    const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), {
      algorithms: [algorithm],
      currentDate,
    });
    expect(payload).toMatchObject({ username: "python01", token_type: "access" });
    expect(await statusOf(test, token)).toBe(200);
  });
});

it("nothing of a private key stands in the database or in an answer", async () => {
  const test = await site({ TOKEN_ALGORITHM: "ES256" });
  const rows = await test.app.db.kysely.selectFrom("signing_keys").selectAll().execute();
  const { sealed } = rows.find(({ algorithm }) => algorithm === "ES256")!;
  expect(sealed).toMatch(/^s1\.[\w-]+$/);
  // PKCS #8 of P-256 begins so.
  expect(Buffer.from(sealed!.slice(3), "base64url").toString("hex")).not.toContain("3081870201003013");
});

it("after a change from HS256 a verifier has an hour to learn the key, and older tokens are good until their end", async () => {
  const before = await site();
  await makePerson(before, "python01");
  const old = await logIn(before);
  const test = await restarted(before, { algorithm: "ES256" });
  expect((await jwksOf(test)).keys.length).toBe(1);
  expect(algOf(await logIn(test))).toBe("HS256");
  before.clock.advance(3599);
  expect(algOf(await logIn(test))).toBe("HS256");
  test.clock.advance(1);
  const fresh = await logIn(test);
  expect(algOf(fresh)).toBe("ES256");
  expect([await statusOf(test, old), await statusOf(test, fresh)]).toEqual([200, 200]);
  // One that another service signs under SECRET_KEY meanwhile.
  const claims = { ...claimsOf(old), exp: Math.floor(test.clock.now() / 1000) + day };
  const made = (header: string) => hs256(header, claims);
  expect(await statusOf(test, made('{"alg":"HS256"}'))).toBe(200);
  test.clock.advance(day + 61);
  claims.exp += day;
  const answer = await test.as(made('{"typ":"JWT","alg":"HS256"}'))({ url: "/user/" });
  expect([answer.statusCode, answer.json().detail]).toEqual([401, "不正确的身份认证信息。"]);
});

it.each([
  ["a day that is past", "2000-01-01", 401],
  ["a day to come", "2100-01-01", 200],
])("HS256_TOKENS_UNTIL %s decides over tokens under SECRET_KEY", async (_name, until, status) => {
  const test = await site({ TOKEN_ALGORITHM: "ES256", HS256_TOKENS_UNTIL: until });
  const { token } = await test.signUp({ username: "python01", email: "44@qq.com" });
  test.clock.advance(2 * day);
  const { v: _, sid: __, ...theirs } = claimsOf(token);
  const claims = { ...theirs, exp: Math.floor(test.clock.now() / 1000) + 60 };
  expect(await statusOf(test, hs256('{"typ":"JWT","alg":"HS256"}', claims))).toBe(status);
});

it("back to HS256: it signs at once, and what ES256 signed is good and verifiable until its end", async () => {
  const before = await site({ TOKEN_ALGORITHM: "ES256" });
  await makePerson(before, "python01");
  const old = await logIn(before);
  before.clock.advance(3601);
  const test = await restarted(before, { algorithm: "HS256" });
  const fresh = await logIn(test);
  expect(algOf(fresh)).toBe("HS256");
  expect([await statusOf(test, old), await statusOf(test, fresh)]).toEqual([200, 200]);
  expect((await jwksOf(test)).keys.length).toBe(1);
  test.clock.advance(day + 61);
  await test.app.maintenance.run();
  expect((await jwksOf(test)).keys).toEqual([]);
});

it("keys follow each other by themselves: published for an hour, then signing, then kept for their tokens", async () => {
  const test = await site({ TOKEN_ALGORITHM: "ES256", TOKEN_KEY_DAYS: "30" });
  await makePerson(test, "python01");
  const [first] = (await jwksOf(test)).keys;
  test.clock.advance(30 * day - 3600);
  await test.app.maintenance.run();
  const [still, next, ...more] = (await jwksOf(test)).keys;
  expect([still, more]).toEqual([first, []]);
  test.clock.advance(3590);
  const last = await logIn(test);
  expect(JSON.parse(headerOf(last)).kid).toBe(first.kid);
  test.clock.advance(10);
  const fresh = await logIn(test);
  expect(JSON.parse(headerOf(fresh)).kid).toBe(next.kid);
  expect((await jwksOf(test)).keys.map(({ kid }: { kid: string }) => kid)).toEqual([next.kid, first.kid]);
  test.clock.advance(day - 11);
  expect([await statusOf(test, last), await statusOf(test, fresh)]).toEqual([200, 200]);
  test.clock.advance(3600);
  await test.app.maintenance.run();
  expect((await jwksOf(test)).keys).toEqual([next]);
  const rows = await test.app.db.kysely.selectFrom("signing_keys").select("kid").execute();
  expect(rows).toEqual([{ kid: next.kid }]);
});

describe("attacks on the header", () => {
  /** A site whose key is known as far as everybody knows it, and a token of it to be changed. */
  async function target() {
    const test = await site({ TOKEN_ALGORITHM: "ES256", FOREIGN_TOKEN_LIFE: String(day) });
    const { token } = await test.signUp({ username: "python01", email: "44@qq.com" });
    const [jwk] = (await jwksOf(test)).keys;
    return { test, token, jwk, claims: claimsOf(token) };
  }
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const signed = (header: object, claims: object, key = ec.privateKey) => {
    const text = `${part(header)}.${part(claims)}`;
    const options = { key, dsaEncoding: "ieee-p1363" } as const;
    return `${text}.${sign("sha256", Buffer.from(text), options).toString("base64url")}`;
  };
  const forms = (jwk: webcrypto.JsonWebKey & { kid: string }) => {
    const own = ec.publicKey.export({ format: "jwk" });
    const base = { typ: "JWT", alg: "ES256", kid: jwk.kid };
    return {
      base,
      cases: {
        "a key of the attacker's under our name": [base],
        "their key in the header": [{ ...base, jwk: own }],
        "their set by jku": [{ ...base, jku: "http://127.0.0.1:1/keys" }],
        "their certificate by x5u": [{ ...base, x5u: "http://127.0.0.1:1/cert" }],
        "their certificate in x5c": [{ ...base, x5c: ["MIIB"] }],
        "a kid that is a path": [{ ...base, kid: "../../../../dev/null" }],
        "a kid that is a query": [{ ...base, kid: "' or 1=1 --" }],
        "a kid that is a member of every object": [{ ...base, kid: "__proto__" }],
        "a kid that is an array": [{ ...base, kid: [jwk.kid] }],
        "no kid": [{ typ: "JWT", alg: "ES256" }],
        "RSA under the name of an EC key": [{ ...base, alg: "RS256" }, rsa.privateKey],
        "another hash": [{ ...base, alg: "ES384" }],
        "lower case": [{ ...base, alg: "es256" }],
      } as const,
    };
  };

  it("a key is for its own algorithm, and a header names nothing but it", async () => {
    const { test, jwk, claims, token } = await target();
    const { cases } = forms(jwk);
    for (const [name, [header, key]] of Object.entries(cases)) {
      expect([name, await statusOf(test, signed(header, claims, key))]).toEqual([name, 401]);
    }
    expect(await statusOf(test, token)).toBe(200);
  });

  it("the public key, in whatever form, is no secret for HS256", async () => {
    const { test, jwk, claims } = await target();
    const { createPublicKey } = await import("node:crypto");
    const key = createPublicKey({ key: jwk, format: "jwk" });
    const pem = key.export({ type: "spki", format: "pem" }).toString();
    const secrets = [
      pem,
      pem.trim(),
      JSON.stringify(jwk),
      jwk.x,
      jwk.kid,
      key.export({ type: "spki", format: "der" }),
    ];
    for (const secret of secrets) {
      for (const header of [
        { alg: "HS256", typ: "JWT" },
        { typ: "JWT", alg: "HS256", kid: jwk.kid },
      ]) {
        const text = `${part(header)}.${part(claims)}`;
        const mac = createHmac("sha256", secret).update(text).digest("base64url");
        expect(await statusOf(test, `${text}.${mac}`)).toBe(401);
      }
    }
  });

  it("none, an empty signature and a signature of another form are refused", async () => {
    const { test, token, jwk } = await target();
    const [header, payload, signature] = token.split(".") as [string, string, string];
    for (const alg of ["none", "None", "NONE", ""]) {
      expect(await statusOf(test, `${part({ typ: "JWT", alg, kid: jwk.kid })}.${payload}.`)).toBe(401);
      expect(await statusOf(test, `${part({ typ: "JWT", alg })}.${payload}.${signature}`)).toBe(401);
    }
    expect(await statusOf(test, `${header}.${payload}.`)).toBe(401);
    // All zero: CVE-2022-21449.
    expect(await statusOf(test, `${header}.${payload}.${Buffer.alloc(64).toString("base64url")}`)).toBe(401);
    const other = part({ ...claimsOf(token), user_id: 2 });
    expect(await statusOf(test, `${header}.${other}.${signature}`)).toBe(401);
    expect(await statusOf(test, token)).toBe(200);
  });

  it("a row that was put into the table without SECRET_KEY is no key", async () => {
    const { test, claims } = await target();
    const kid = "A".repeat(43);
    const sealed = `s1.${ec.privateKey.export({ type: "pkcs8", format: "der" }).toString("base64url")}`;
    await test.app.db.kysely
      .insertInto("signing_keys")
      .values({
        ...{
          turn: 9,
          algorithm: "ES256",
          kid,
          sealed,
          made_at: 1,
          signs_from: 1,
          token_life: day,
          dropped_at: null,
        },
      })
      .execute();
    const second = await restarted(test, {});
    expect(await statusOf(second, signed({ typ: "JWT", alg: "ES256", kid }, claims))).toBe(401);
    expect((await jwksOf(second)).keys.map((key: { kid: string }) => key.kid)).not.toContain(kid);
  });

  it("refresh tokens and links stay under keys of their own: no public key makes one", async () => {
    const { test, jwk } = await target();
    const claims = {
      token_type: "refresh",
      exp: Math.floor(test.clock.now() / 1000) + 60,
      user_id: "1",
      jti: "x.0",
    };
    const refresh_token = signed({ typ: "JWT", alg: "ES256", kid: jwk.kid }, claims);
    const answer = await test.anonymous({
      ...{ method: "POST", url: "/user/tokens/refresh/", payload: { refresh_token } },
    });
    expect(answer.statusCode).toBe(401);
  });
});

/** As a service with SECRET_KEY signs. */
function hs256(header: string, claims: object): string {
  const text = [header, JSON.stringify(claims)]
    .map((one) => Buffer.from(one).toString("base64url"))
    .join(".");
  return `${text}.${createHmac("sha256", testSecretKey).update(text).digest("base64url")}`;
}
