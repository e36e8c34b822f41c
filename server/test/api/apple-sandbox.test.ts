import { generateKeyPairSync, sign } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSandbox } from "../../../sandbox/sandbox.ts";
import { sandboxKey } from "../../src/identities/providers/apple/sandbox-key.ts";
import { formsOf } from "../support/sent-forms.ts";

/** The imitation of Apple: a form, a client secret that is read as Apple reads it, and a name that is told once. */
let sandbox: FastifyInstance;
beforeAll(async () => {
  sandbox = await createSandbox({ environment: "test" });
});
afterAll(() => sandbox.close());

const redirectUri = "http://127.0.0.1:8000/oauth/callback/apple";

const key = sandboxKey();
const now = () => Math.floor(Date.now() / 1000);
const secret = (changes: object = {}, kid = "SANDBOXKEY", signing = key) => {
  const claims = { iss: "SANDBOXTEA", aud: "https://appleid.apple.com", sub: "101399197" };
  const parts = [
    { alg: "ES256", kid },
    { ...claims, iat: now(), exp: now() + 300, ...changes },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  const text = parts.join(".");
  const signature = sign("sha256", Buffer.from(text), { key: signing, dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
};
const ask = (path: string, fields: Record<string, string>) =>
  sandbox.inject({
    ...{ method: "POST", url: `/apple/auth/${path}` },
    headers: { "content-type": "application/x-www-form-urlencoded" },
    payload: String(new URLSearchParams({ client_id: "101399197", ...fields })),
  });
async function formFor(person: string) {
  const query = new URLSearchParams({
    ...{ client_id: "101399197", redirect_uri: redirectUri, response_type: "code", state: "abc" },
    ...{ response_mode: "form_post", scope: "name email" },
  });
  const answer = await sandbox.inject({
    ...{ method: "POST", url: `/apple/decision?${query}` },
    headers: { "content-type": "application/x-www-form-urlencoded" },
    payload: String(new URLSearchParams({ person, decision: "allow", trouble: "" })),
  });
  expect(answer.headers["content-security-policy"]).toMatch(/; script-src 'sha256-[^']+'$/);
  const [form] = formsOf(answer.body);
  expect(form!.address).toBe(redirectUri);
  return form!.fields;
}
const trade = async (person: string, client_secret: string) => {
  const { code } = await formFor(person);
  const fields = { grant_type: "authorization_code", redirect_uri: redirectUri };
  return ask("token", { ...fields, code: code!, client_secret });
};

test("a form, the name once, tokens and an ID token of RS256; revoked, the name is told again", async () => {
  const first = await formFor("xiaomei");
  expect(first).toMatchObject({
    state: "abc",
    code: expect.stringMatching(/^c[0-9a-f]{32}\.0\.s\.[\w-]{22}$/),
  });
  expect(JSON.parse(first.user!)).toEqual({
    ...{ name: { firstName: "小美", lastName: "" }, email: "xiaomei@example.com" },
  });
  const answer = await trade("xiaomei", secret());
  expect(answer.statusCode).toBe(200);
  const { id_token: idToken, refresh_token: token, ...others } = answer.json();
  expect(others).toEqual({
    ...{ access_token: expect.stringMatching(/^a/), token_type: "Bearer", expires_in: 3600 },
  });
  const [head, claims] = idToken
    .split(".")
    .slice(0, 2)
    .map((part: string) => JSON.parse(Buffer.from(part, "base64url").toString()));
  expect(head).toMatchObject({ alg: "RS256", kid: "sandbox" });
  expect(claims).toMatchObject({
    iss: "https://appleid.apple.com",
    sub: expect.stringMatching(/^\d{6}\.[0-9a-f]{32}\.\d{4}$/),
    ...{ email: "xiaomei@example.com", email_verified: true },
  });
  expect(Object.keys(await formFor("xiaomei"))).toEqual(["code", "state"]);
  const revoked = await ask("revoke", { token, token_type_hint: "refresh_token", client_secret: secret() });
  expect([revoked.statusCode, revoked.body]).toEqual([200, ""]);
  expect(Object.keys(await formFor("xiaomei"))).toEqual(["code", "state", "user"]);
});

test.each([
  ["expired", () => secret({ iat: now() - 600, exp: now() - 1 })],
  ["for longer than half a year", () => secret({ exp: now() + 190 * 86_400 })],
  ["without an end", () => secret({ exp: undefined })],
  ["of another team", () => secret({ iss: "TEAM567890" })],
  ["for another audience", () => secret({ aud: "https://appleid.apple.com/auth/token" })],
  ["of another client", () => secret({ sub: "com.example.web" })],
  ["under another key's name", () => secret({}, "KEY4567890")],
  [
    "by another key",
    () => secret({}, "SANDBOXKEY", generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey),
  ],
  ["that is none", () => "sandbox"],
])("a client secret %s is invalid_client, at both addresses", async (_what, make) => {
  const answers = [
    await trade("penguin", make()),
    await ask("revoke", { token: "r1", token_type_hint: "refresh_token", client_secret: make() }),
  ];
  for (const answer of answers) {
    expect([answer.statusCode, answer.body]).toEqual([400, '{"error":"invalid_client"}']);
  }
});

test("whoever cancels comes back by a form, too", async () => {
  const query = `client_id=1&redirect_uri=${redirectUri}&response_type=code&state=abc`;
  const answer = await sandbox.inject({
    ...{ method: "POST", url: `/apple/decision?${query}`, payload: "decision=cancel" },
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  expect(formsOf(answer.body).map(({ fields }) => fields)).toEqual([
    { error: "user_cancelled_authorize", state: "abc" },
  ]);
});
