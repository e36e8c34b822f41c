import { createHmac, generateKeyPairSync } from "node:crypto";
import { createSigner } from "fast-jwt";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ScriptedProvider, startScriptedProvider } from "../../../../test/support/scripted-provider.ts";
import { troubleOf } from "../../../../test/support/trouble-of.ts";
import { CodeRefused, type ProviderClient, ProviderTrouble } from "../provider.ts";
import { createApple } from "./apple.ts";
import { readForm } from "./callback-form.ts";

/** What is sent to Apple, and what its answers become; what is wrong with them makes trouble, never an account. */
const secrets = { codeVerifier: "v".repeat(43), nonce: "n".repeat(22) };
const team = generateKeyPairSync("ec", { namedCurve: "P-256" });
const theirs = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pemOf = (key: typeof team.privateKey) => key.export({ type: "pkcs8", format: "pem" }).toString();
const jwk = { ...theirs.publicKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid: "one" };
const signed = createSigner({ algorithm: "RS256", key: pemOf(theirs.privateKey), kid: "one" });

let scripted: ScriptedProvider;
let apple: ProviderClient;
beforeAll(async () => {
  scripted = await startScriptedProvider();
  apple = createApple(
    {
      ...{ clientId: "com.example.web", teamId: "TEAM567890", keyId: "KEY4567890" },
      ...{ privateKey: pemOf(team.privateKey), baseUrl: scripted.origin },
      redirectUri: "https://api.example.com/oauth/callback/apple",
    },
    scripted.upstream,
    { now: () => Date.now() },
  );
});
const json = (value: unknown, status = 200) => ({
  ...{ status, text: JSON.stringify(value), type: "application/json" },
});
beforeEach(() => {
  scripted.seen.length = 0;
  scripted.answers = { "/auth/keys": json({ keys: [jwk] }) };
});
afterAll(() => scripted.close());

const seconds = () => Math.floor(Date.now() / 1000);
const goodClaims = () => ({
  iss: "https://appleid.apple.com",
  sub: "001473.fe6f83bf4b8e4590aacbabdcb8598bd0.2039",
  aud: "com.example.web",
  nonce: secrets.nonce,
  nonce_supported: true,
  iat: seconds(),
  exp: seconds() + 86_400,
});

function identify(idToken: string | undefined, more: Record<string, unknown> = {}, code = "c0de") {
  const tokens = { access_token: "a1", token_type: "Bearer", expires_in: 3600, refresh_token: "r1" };
  scripted.answers["/auth/token"] = json({ ...tokens, id_token: idToken, ...more });
  return apple.identify({ code, secrets, issuer: null });
}
const withClaims = (changes: Record<string, unknown>) => identify(signed({ ...goodClaims(), ...changes }));
const sentTo = (path: string) =>
  Object.fromEntries(new URLSearchParams(scripted.seen.find((one) => one.path === path)!.body));
const claimsOf = (jwt: string) =>
  JSON.parse(Buffer.from(jwt.split(".")[1]!, "base64url").toString()) as object;
const clientClaims = {
  ...{ iss: "TEAM567890", sub: "com.example.web", aud: "https://appleid.apple.com" },
  ...{ iat: expect.any(Number), exp: expect.any(Number) },
};

test("people are sent there for name and address, which are answered by a form; no address is asked for first", async () => {
  const url = new URL(await apple.authorizationUrl({ state: "s1", secrets, language: "zh" }));
  expect(url.origin + url.pathname).toBe(`${scripted.origin}/auth/authorize`);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    client_id: "com.example.web",
    redirect_uri: "https://api.example.com/oauth/callback/apple",
    response_type: "code",
    response_mode: "form_post",
    scope: "name email",
    state: "s1",
    nonce: secrets.nonce,
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: "S256",
  });
  expect(scripted.seen).toEqual([]);
});

test("the code is traded with a secret made for it, in the body; the key is the sub", async () => {
  const identity = await withClaims({});
  expect(identity.keys).toEqual(["001473.fe6f83bf4b8e4590aacbabdcb8598bd0.2039"]);
  expect(identity.authentication).toBeUndefined();
  const { client_secret: secret, ...sent } = sentTo("/auth/token");
  expect(sent).toEqual({
    client_id: "com.example.web",
    code: "c0de",
    code_verifier: secrets.codeVerifier,
    grant_type: "authorization_code",
    redirect_uri: "https://api.example.com/oauth/callback/apple",
  });
  expect(claimsOf(secret!)).toEqual(clientClaims);
  expect(scripted.seen[0]!.headers.authorization).toBeUndefined();
});

describe("an ID token is trouble", () => {
  test.each([
    ["of another issuer", { iss: "https://issuer.example" }, /\biss\b/],
    ["for another client", { aud: "com.example.app" }, /\baud\b/],
    ["with another nonce", { nonce: "another" }, /\bnonce\b/],
    ["without a nonce", { nonce: undefined, nonce_supported: false }, /\bnonce\b/],
    ["that is over", { exp: 1_600_000_000 }, /\bexp\b/],
    ["without a sub", { sub: undefined }, /\bsub\b/],
    ["with an empty sub", { sub: "" }, /\bsub\b/],
    ["with a number as sub", { sub: 0 }, /\bsub\b/],
  ])("%s", async (_what, changes, cause) => {
    expect((await troubleOf(withClaims(changes))).message).toMatch(cause);
  });

  test("signed by somebody else, by ES256, by HMAC, or not at all", async () => {
    const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const head = `${part({ alg: "HS256", kid: "one" })}.${part(goodClaims())}`;
    const mac = createHmac("sha256", JSON.stringify(jwk)).update(head).digest("base64url");
    for (const token of [
      createSigner({ algorithm: "RS256", key: pemOf(other.privateKey), kid: "one" })(goodClaims()),
      createSigner({ algorithm: "ES256", key: pemOf(team.privateKey), kid: "one" })(goodClaims()),
      `${head}.${mac}`,
      `${part({ alg: "none" })}.${part(goodClaims())}.`,
      "",
    ]) {
      await expect(identify(token)).rejects.toThrow(ProviderTrouble);
    }
    await expect(identify(undefined)).rejects.toThrow(ProviderTrouble);
  });
});

describe("of a person", () => {
  test.each([
    [{ email: "mei@example.com", email_verified: true }, "mei@example.com"],
    [{ email: "mei@example.com", email_verified: "true" }, "mei@example.com"],
    [
      { email: "x1@privaterelay.appleid.com", email_verified: "true", is_private_email: "true" },
      "x1@privaterelay.appleid.com",
    ],
    [{ email: "mei@example.com", email_verified: false }, null],
    [{ email: "mei@example.com", email_verified: "false" }, null],
    [{ email: "mei@example.com" }, null],
    [{ email: "nonsense", email_verified: true }, null],
    [{}, null],
  ])("the address of %j is offered as %j", async (claims, verifiedEmail) => {
    const profile = await (await withClaims(claims)).profile();
    expect(profile).toEqual({ nickname: null, avatar: null, verifiedEmail });
  });

  test("the name comes with the code, the address never", async () => {
    const user = JSON.stringify({
      name: { firstName: "小\n美", lastName: "王" },
      email: "victim@example.com",
    });
    const { code } = readForm({ code: "c0de", state: "s", user });
    const identity = await identify(signed(goodClaims()), {}, code);
    expect(sentTo("/auth/token").code).toBe("c0de");
    expect(await identity.profile()).toEqual({ nickname: "小 美 王", avatar: null, verifiedEmail: null });
  });
});

test("a refused code is the visitor's to repeat, a refused client the operator's to mend; neither tells a secret", async () => {
  for (const [error, kind] of [
    ["invalid_grant", CodeRefused],
    ["invalid_client", ProviderTrouble],
    ["server_error", ProviderTrouble],
  ] as const) {
    scripted.answers["/auth/token"] = json({ error, error_description: "c0de" }, 400);
    const failure = await apple
      .identify({ code: "c0de", secrets, issuer: null })
      .catch((reason: unknown) => reason);
    expect(failure, error).toBeInstanceOf(kind);
    expect(String(failure)).not.toMatch(/c0de|eyJ/);
    if (error === "invalid_client") expect(failure).toMatchObject({ kind: "misconfigured" });
  }
});

describe("what was granted", () => {
  test.each([
    ["the refresh token", {}, "refresh_token", "r1"],
    ["the access token where there is no other", { refresh_token: undefined }, "access_token", "a1"],
  ])("is %s, and is revoked as one, with a secret of its own", async (_what, more, hint, token) => {
    const { grant } = await identify(signed(goodClaims()), more);
    scripted.answers["/auth/revoke"] = { status: 200, text: "" };
    await apple.revoke!(grant!);
    const { client_secret: secret, ...sent } = sentTo("/auth/revoke");
    expect(sent).toEqual({ client_id: "com.example.web", token, token_type_hint: hint });
    expect(claimsOf(secret!)).toEqual(clientClaims);
    expect(secret).not.toBe(sentTo("/auth/token").client_secret);
  });

  test.each([
    ["invalid_client", 400, "misconfigured"],
    ["invalid_request", 400, "unexpected"],
  ])("stays where Apple says %s", async (error, status, kind) => {
    scripted.answers["/auth/revoke"] = json({ error }, status);
    const trouble = await troubleOf(apple.revoke!("refresh_token r1"));
    expect(trouble).toMatchObject({ kind, message: `revocation: error ${error}` });
  });

  test("stays where Apple is down, and what is no grant is not sent anywhere", async () => {
    scripted.answers["/auth/revoke"] = { status: 503, text: "down" };
    await expect(apple.revoke!("refresh_token r1")).rejects.toThrow(ProviderTrouble);
    scripted.seen.length = 0;
    await expect(apple.revoke!("r1")).rejects.toThrow(ProviderTrouble);
    expect(scripted.seen).toEqual([]);
  });
});
