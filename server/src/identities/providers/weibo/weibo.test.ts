import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  type ScriptedProvider,
  settingsFor,
  startScriptedProvider,
} from "../../../../test/support/scripted-provider.ts";
import { CodeRefused, type ProviderClient, ProviderTrouble } from "../provider.ts";
import { createWeibo } from "./weibo.ts";

let scripted: ScriptedProvider;
let weibo: ProviderClient;
beforeAll(async () => {
  scripted = await startScriptedProvider();
  weibo = createWeibo(settingsFor(scripted), scripted.upstream);
});
beforeEach(() => {
  scripted.seen.length = 0;
});
afterAll(() => scripted.close());

const callback = { code: "0dd6ebda", secrets: null, issuer: null };
const identify = (token: string | { status: number; text: string }) => {
  scripted.answers = { "/oauth2/access_token": token };
  return weibo.identify(callback);
};

// Recorded.
const token =
  '{"access_token":"2.00xM8gwGNoQywB6d338047e1anv3bD","remind_in":"157679999","expires_in":157679999,"uid":"6363938847","isRealName":"true"}';

test("the key is the uid of the recorded answer, and the code went out as a form", async () => {
  expect((await identify(token)).keys).toEqual(["6363938847"]);
  const [request] = scripted.seen;
  expect(request).toMatchObject({ method: "POST", path: "/oauth2/access_token" });
  expect(request!.headers["content-type"]).toBe("application/x-www-form-urlencoded");
  expect(Object.fromEntries(new URLSearchParams(request!.body))).toEqual({
    client_id: "client-1",
    client_secret: "secret-1",
    grant_type: "authorization_code",
    code: "0dd6ebda",
    redirect_uri: "https://www.example.com/oauth/callback/x",
  });
});

test("the profile is read by idstr; a number beyond 2^53 alone is not believed", async () => {
  const identity = await identify(token);
  const name = { screen_name: "zaku", avatar_large: "http://tp1.sinaimg.cn/1404376560/180/0/1" };
  scripted.answers["/2/users/show.json"] = JSON.stringify({ id: 1, idstr: "6363938847", ...name });
  expect(await identity.profile()).toEqual({
    nickname: "zaku",
    avatar: "https://tp1.sinaimg.cn/1404376560/180/0/1",
    verifiedEmail: null,
  });
  for (const other of ['{"id":90071992547409931}', '{"idstr":"1"}', '{"id":0}', "{}"]) {
    scripted.answers["/2/users/show.json"] = other;
    await expect(identity.profile()).rejects.toThrow(ProviderTrouble);
  }
});

test("an error of users/show after a good token is trouble, with a numeric code and with a text", async () => {
  const identity = await identify(token);
  for (const code of ["21332", '"20502"']) {
    scripted.answers["/2/users/show.json"] = {
      status: 403,
      text: `{"error":"invalid_access_token","error_code":${code},"request":"/2/users/show.json"}`,
    };
    await expect(identity.profile()).rejects.toThrow(ProviderTrouble);
  }
});

const refusal = (error: string, code: number | string) =>
  `{"error":"${error}","error_code":${code},"request":"/oauth2/access_token","error_uri":"/oauth2/access_token","error_description":"x"}`;

test.each([
  [400, refusal("invalid_grant", 21325)],
  [401, refusal("invalid_grant", 21325)],
  [400, refusal("invalid_grant", '"21325"')],
  [400, refusal("expired_token", 21327)],
])("a code is refused with status %i and %s", async (status, text) => {
  await expect(identify({ status, text })).rejects.toThrow(CodeRefused);
});

test.each([
  [401, refusal("invalid_client", 21324)],
  [400, refusal("redirect_uri_mismatch", 21322)],
  [200, '{"error":"something"}'],
  [500, token],
  [200, token.replace('"6363938847"', "0")],
  [200, token.replace('"6363938847"', '"0"')],
  [200, token.replace('"6363938847"', "null")],
  [200, token.replace('"6363938847"', '"1; drop"')],
  [200, token.replace('"2.00xM8gwGNoQywB6d338047e1anv3bD"', "{}")],
])("status %i with %s is trouble and names no secret", async (status, text) => {
  const error = await identify({ status, text }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ProviderTrouble);
  expect(String(error)).not.toMatch(/secret-1|2\.00xM|0dd6ebda/);
});

test.each([
  [200, '{"result":true}'],
  [200, '{"result":"true"}'],
  [400, '{"error":"invalid_access_token","error_code":21332,"request":"/oauth2/revokeoauth2"}'],
  [401, '{"error":"expired_token","error_code":"21327"}'],
])("%i %s ends a grant, whose token is in no address", async (status, text) => {
  scripted.answers = { "/oauth2/revokeoauth2": { status, text } };
  await weibo.revoke!("2.00xM8gwG");
  const { method, path, body } = scripted.seen.at(-1)!;
  expect([method, path, body]).toEqual(["POST", "/oauth2/revokeoauth2", "access_token=2.00xM8gwG"]);
});

test.each([
  [500, "<h1>500</h1>"],
  [403, '{"error":"insufficient permission","error_code":10014}'],
  [200, '{"error":"busy","error_code":10009}'],
])("%i %s is no revocation", async (status, text) => {
  scripted.answers = { "/oauth2/revokeoauth2": { status, text } };
  await expect(weibo.revoke!("2.00xM8gwG")).rejects.toThrow(ProviderTrouble);
});
