import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  type ScriptedProvider,
  settingsFor,
  startScriptedProvider,
} from "../../../../test/support/scripted-provider.ts";
import { CodeRefused, type ProviderClient, ProviderTrouble } from "../provider.ts";
import { createGithub } from "./github.ts";

let scripted: ScriptedProvider;
let github: ProviderClient;
beforeAll(async () => {
  scripted = await startScriptedProvider();
  github = createGithub(settingsFor(scripted), scripted.upstream);
});
beforeEach(() => {
  scripted.seen.length = 0;
  scripted.answers = {
    "/login/oauth/access_token":
      '{"access_token":"gho_16C7e42F292c6912E7710c838347Ae178B4a","scope":"user:email","token_type":"bearer"}',
    "/user": '{"id":583231,"login":"octocat","name":null,"email":"shown@example.com","avatar_url":null}',
    "/user/emails": "[]",
  };
});
afterAll(() => scripted.close());

// RFC 7636 appendix B.
const secrets = { codeVerifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", nonce: "n" };
const identify = () => github.identify({ code: "c0de", secrets, issuer: null });

test("the challenge is S256 of the verifier, which comes with the code", async () => {
  const url = new URL(await github.authorizationUrl({ state: "s", secrets, language: "en" }));
  expect(url.searchParams.get("code_challenge")).toBe("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
  expect(url.searchParams.get("code_challenge_method")).toBe("S256");
  await identify();
  expect(new URLSearchParams(scripted.seen[0]!.body).get("code_verifier")).toBe(secrets.codeVerifier);
});

test("the key is the numeric id; login stands in for a missing name", async () => {
  const identity = await identify();
  expect(identity.keys).toEqual(["583231"]);
  expect(await identity.profile()).toEqual({ nickname: "octocat", avatar: null, verifiedEmail: null });
  for (const request of scripted.seen) expect(request.headers["user-agent"]).toBe("meiduo-accounts");
  expect(scripted.seen[1]!.headers.authorization).toMatch(/^Bearer gho_/);
});

test.each([
  ['[{"email":"a@x.com","primary":true,"verified":true,"visibility":"public"}]', "a@x.com"],
  ['[{"email":"b@x.com","verified":true},{"email":"a@x.com","primary":true,"verified":true}]', "a@x.com"],
  ['[{"email":"a@x.com","primary":true,"verified":false}]', null],
  ['[{"email":"a@x.com","primary":false,"verified":true}]', null],
  ['[{"email":"a@x.com","primary":"true","verified":"true"}]', null],
  ["[null,1]", null],
])("of the addresses %s the verified primary one counts", async (emails, expected) => {
  scripted.answers["/user/emails"] = emails;
  expect((await (await identify()).profile()).verifiedEmail).toBe(expected);
});

test.each([403, 404])("no address where the list is refused with %i", async (status) => {
  scripted.answers["/user/emails"] = { status, text: '{"message":"Not Found"}' };
  expect((await (await identify()).profile()).verifiedEmail).toBeNull();
});

test("an error with status 200: a bad code is refused, anything else is trouble", async () => {
  const fail = (error: string) => {
    scripted.answers["/login/oauth/access_token"] = `{"error":"${error}","error_description":"x"}`;
    return identify();
  };
  await expect(fail("bad_verification_code")).rejects.toThrow(CodeRefused);
  await expect(fail("incorrect_client_credentials")).rejects.toMatchObject({ kind: "misconfigured" });
  await expect(fail("redirect_uri_mismatch")).rejects.toMatchObject({ kind: "misconfigured" });
  await expect(fail("unverified_user_email")).rejects.toThrow(ProviderTrouble);
});

test.each(['{"id":0}', '{"id":-1}', '{"id":1.5}', '{"login":"octocat"}', '{"message":"Bad credentials"}'])(
  "a user %s is trouble, not an account",
  async (user) => {
    scripted.answers["/user"] = user;
    await expect(identify()).rejects.toThrow(ProviderTrouble);
  },
);

test("a 401 with a body that looks fine is trouble", async () => {
  scripted.answers["/user"] = { status: 401, text: '{"id":1,"login":"x"}' };
  await expect(identify()).rejects.toThrow(ProviderTrouble);
});

test.each([204, 404, 422])("%i ends a grant, by the application's own credentials", async (status) => {
  scripted.answers["/applications/client-1/grant"] = { status, text: "" };
  expect((await identify()).grant).toBe("gho_16C7e42F292c6912E7710c838347Ae178B4a");
  await github.revoke!("gho_16C7e42F292c6912E7710c838347Ae178B4a");
  const { method, headers, body } = scripted.seen.at(-1)!;
  expect([method, JSON.parse(body)]).toEqual([
    "DELETE",
    { access_token: "gho_16C7e42F292c6912E7710c838347Ae178B4a" },
  ]);
  expect(headers.authorization).toBe(`Basic ${Buffer.from("client-1:secret-1").toString("base64")}`);
});

test.each([500, 401, 403])("%i is no revocation", async (status) => {
  scripted.answers["/applications/client-1/grant"] = { status, text: "" };
  await expect(github.revoke!("gho_1")).rejects.toThrow(ProviderTrouble);
});
