import { createHmac, generateKeyPairSync } from "node:crypto";
import { createSigner } from "fast-jwt";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { issuerMetadata } from "../../../../test/support/issuer-metadata.ts";
import {
  type ScriptedProvider,
  settingsFor,
  startScriptedProvider,
} from "../../../../test/support/scripted-provider.ts";
import { troubleOf } from "../../../../test/support/trouble-of.ts";
import { CodeRefused, LogInNotFresh, type ProviderClient, ProviderTrouble } from "../provider.ts";
import { createOidc } from "./oidc.ts";

/** What an issuer's ID token and user info become; what is wrong with them makes trouble, never an account. */
const secrets = { codeVerifier: "v".repeat(43), nonce: "n".repeat(22) };
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const jwk = { ...publicKey.export({ format: "jwk" }), alg: "ES256", use: "sig", kid: "one" };
const signed = createSigner({ algorithm: "ES256", key: pem, kid: "one" });

let scripted: ScriptedProvider;
let issuer: string;
let oidc: ProviderClient;
beforeAll(async () => {
  scripted = await startScriptedProvider();
  issuer = scripted.origin;
  oidc = newProvider();
});

function newProvider(): ProviderClient {
  const { clientId, clientSecret, redirectUri } = settingsFor(scripted);
  return createOidc({ issuer, clientId, clientSecret, redirectUri, allowHttp: true }, scripted.upstream);
}
const wellKnown = "/.well-known/openid-configuration";
const json = (value: unknown, status = 200) => ({
  status,
  text: JSON.stringify(value),
  type: "application/json",
});
beforeEach(() => {
  scripted.seen.length = 0;
  scripted.answers = {
    [wellKnown]: json(issuerMetadata(issuer)),
    "/jwks": json({ keys: [jwk] }),
  };
});
afterAll(() => scripted.close());

const seconds = () => Math.floor((performance.timeOrigin + performance.now()) / 1000);
const goodClaims = () => ({
  iss: issuer,
  sub: "person-1",
  aud: "client-1",
  nonce: secrets.nonce,
  iat: seconds(),
  exp: seconds() + 300,
});

/** The log-in whose token endpoint answers with this ID token. */
function identify(idToken: string | undefined, more: Record<string, unknown> = {}) {
  const answer = { access_token: "T", token_type: "Bearer", expires_in: 300, id_token: idToken, ...more };
  scripted.answers["/token"] = json(answer);
  return oidc.identify({ code: "c0de", secrets, issuer: null });
}
const withClaims = (changes: Record<string, unknown>) => identify(signed({ ...goodClaims(), ...changes }));

const basic = `Basic ${btoa("client%2D1:secret%2D1")}`;
const inBody = { client_id: "client-1", client_secret: "secret-1" };

test.each([
  [undefined, basic, {}],
  [["client_secret_basic"], basic, {}],
  [["client_secret_basic", "client_secret_post"], undefined, inBody],
  [["client_secret_post"], undefined, inBody],
])(
  "the key is issuer and sub; where %j is supported the secret goes as %s, %j",
  async (supported, header, fields) => {
    const metadata = JSON.parse((scripted.answers[wellKnown] as { text: string }).text) as object;
    scripted.answers[wellKnown] = json({ ...metadata, token_endpoint_auth_methods_supported: supported });
    oidc = newProvider();
    expect((await withClaims({})).keys).toEqual([`${issuer}|person-1`]);
    const trade = scripted.seen.find(({ path }) => path === "/token")!;
    expect(trade.headers.authorization).toBe(header);
    expect(Object.fromEntries(new URLSearchParams(trade.body))).toEqual({
      grant_type: "authorization_code",
      code: "c0de",
      redirect_uri: "https://www.example.com/oauth/callback/x",
      code_verifier: secrets.codeVerifier,
      ...fields,
    });
  },
);

describe("a flow that asked for a new log-in", () => {
  const now = Math.floor(Date.now() / 1000);
  const fresh = (authTime: unknown) => {
    const token = signed({ ...goodClaims(), ...(authTime !== undefined && { auth_time: authTime }) });
    scripted.answers["/token"] = json({ access_token: "T", token_type: "Bearer", id_token: token });
    return oidc.identify({ code: "c0de", secrets, issuer: null, freshSince: now * 1000 });
  };

  test("takes one of since then, by a clock that may be a minute behind", async () => {
    for (const authTime of [now, now + 5, now - 60]) {
      expect((await fresh(authTime)).keys).toEqual([`${issuer}|person-1`]);
    }
  });

  test.each([
    ["from before", now - 61],
    ["that the issuer doesn't tell the time of", undefined],
  ])("refuses one %s", async (_when, authTime) => {
    await expect(fresh(authTime)).rejects.toThrow(LogInNotFresh);
  });

  test("is no reason to refuse any other", async () => {
    expect((await withClaims({ auth_time: now - 86_400 })).keys).toEqual([`${issuer}|person-1`]);
  });
});

test("case and blanks of a sub are part of it", async () => {
  expect((await withClaims({ sub: "Person-1" })).keys).toEqual([`${issuer}|Person-1`]);
  expect((await withClaims({ sub: " a|b " })).keys).toEqual([`${issuer}| a|b `]);
});

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("an ID token is trouble", () => {
  test.each([
    ["without a sub", { sub: undefined }, /^token: .*\bsub\b/],
    ["with an empty sub", { sub: "" }, /^token: .*\bsub\b/],
    ["with a number as sub", { sub: 0 }, /^token: .*\bsub\b/],
    ["with a sub longer than the standard allows", { sub: "x".repeat(256) }, /^token: .*\bsub\b/],
    ["with a sub that no database column takes", { sub: "a\u0000b" }, /^token: .*\bsub\b/],
    ["without an issuer", { iss: undefined }, /^token: .*\biss\b/],
    ["of another issuer", { iss: "http://127.0.0.1/" }, /^token: .*\biss\b/],
    ["for nobody", { aud: undefined }, /^token: .*\baud\b/],
    [
      "for several, and authorised for another",
      { aud: ["client-1", "client-2"], azp: "client-2" },
      /^token: .*\bazp\b/,
    ],
    ["without a nonce", { nonce: undefined }, /^token: .*\bnonce\b/],
    ["without an expiry", { exp: undefined }, /^token: .*\bexp\b/],
  ])("%s", async (_what, changes, cause) => {
    const trouble = await troubleOf(withClaims(changes));
    expect(trouble.message).toMatch(cause);
  });

  test("that is missing", async () => {
    await expect(identify(undefined)).rejects.toThrow(ProviderTrouble);
  });

  test.each(["", "garbage", "a.b.c", 7 as unknown as string])("%j", async (idToken) => {
    await expect(identify(idToken)).rejects.toThrow(ProviderTrouble);
  });

  test("without a signature (alg none)", async () => {
    const unsigned = `${part({ alg: "none" })}.${part(goodClaims())}.`;
    await expect(identify(unsigned)).rejects.toThrow(ProviderTrouble);
  });

  test("signed by HMAC with what anybody may read (algorithm confusion)", async () => {
    const head = `${part({ alg: "HS256", kid: "one" })}.${part(goodClaims())}`;
    for (const key of [JSON.stringify(jwk), publicKey.export({ type: "spki", format: "pem" }), "secret-1"]) {
      const mac = createHmac("sha256", key).update(head).digest("base64url");
      await expect(identify(`${head}.${mac}`)).rejects.toThrow(ProviderTrouble);
    }
  });

  test("whose claims were changed after signing", async () => {
    const [head, , signature] = signed(goodClaims()).split(".");
    await expect(
      identify(`${head}.${part({ ...goodClaims(), sub: "victim" })}.${signature}`),
    ).rejects.toThrow(ProviderTrouble);
  });
});

test("a refused code is the visitor's to repeat, a refused client the operator's to mend; neither tells a secret", async () => {
  for (const [error, status, kind] of [
    ["invalid_grant", 400, CodeRefused],
    ["invalid_client", 401, ProviderTrouble],
    ["server_error", 400, ProviderTrouble],
  ] as const) {
    scripted.answers["/token"] = json({ error, error_description: "code c0de of client secret-1" }, status);
    const failure = await oidc
      .identify({ code: "c0de", secrets, issuer: null })
      .catch((reason: unknown) => reason);
    expect(failure, error).toBeInstanceOf(kind);
    expect(String(failure)).not.toMatch(/c0de|secret-1/);
  }
});

describe("how the person was authenticated", () => {
  test.each([
    [
      { amr: ["pwd", "mfa"], acr: "urn:two" },
      { amr: ["pwd", "mfa"], acr: "urn:two" },
    ],
    [{}, { amr: [], acr: null }],
    [
      { amr: "mfa", acr: ["urn:two"] },
      { amr: [], acr: null },
    ],
    [{ amr: ["pwd", 1, null, { mfa: true }] }, { amr: ["pwd"], acr: null }],
  ])("is read of %j as %j", async (claims, said) => {
    expect((await withClaims(claims)).authentication).toEqual(said);
  });

  test("never of user info", async () => {
    scripted.answers["/userinfo"] = json({ sub: "person-1", name: "x", amr: ["mfa"], acr: "urn:two" });
    expect((await withClaims({})).authentication).toEqual({ amr: [], acr: null });
  });
});

describe("a profile", () => {
  test("comes from the ID token where that has a name", async () => {
    const identity = await withClaims({
      name: "小美",
      picture: "http://x.example/p.png",
      email: "a@b.example",
    });
    expect(await identity.profile()).toEqual({
      nickname: "小美",
      avatar: "https://x.example/p.png",
      verifiedEmail: null,
    });
    expect(scripted.seen.some(({ path }) => path === "/userinfo")).toBe(false);
  });

  test.each([
    [{ name: "n", email: "a@b.example", email_verified: true }, "a@b.example"],
    [{ name: "n", email: "a@b.example", email_verified: false }, null],
    // Amazon Cognito and Apple send it as a string.
    [{ name: "n", email: "a@b.example", email_verified: "true" }, "a@b.example"],
    [{ name: "n", email: "a@b.example", email_verified: "false" }, null],
    [{ name: "n", email: "a@b.example", email_verified: "yes" }, null],
    [{ name: "n", email: "a@b.example", email_verified: 1 }, null],
    [{ name: "n", email_verified: true }, null],
  ])("offers the address of %j as %j", async (claims, email) => {
    expect((await (await withClaims(claims)).profile()).verifiedEmail).toBe(email);
  });

  test("is asked for else, and is believed about nobody but this person", async () => {
    const identity = await withClaims({});
    scripted.answers["/userinfo"] = json({ sub: "person-1", preferred_username: "mei" });
    expect((await identity.profile()).nickname).toBe("mei");
    scripted.answers["/userinfo"] = {
      ...json({}),
      text: '{"sub":"person-1","preferred_username":"小\n美\u0007","email":"a@b.example","email_verified":"true"}',
    };
    expect(await identity.profile()).toMatchObject({ nickname: "小 美", verifiedEmail: "a@b.example" });
    for (const other of [{ sub: "victim", name: "x" }, { name: "x" }, []]) {
      scripted.answers["/userinfo"] = json(other);
      await expect(identity.profile()).rejects.toThrow(ProviderTrouble);
    }
  });
});
