import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type ScriptedProvider,
  settingsFor,
  startScriptedProvider,
} from "../../../../test/support/scripted-provider.ts";
import { CodeRefused, type ProviderClient, ProviderTrouble } from "../provider.ts";
import { createWechat } from "./wechat.ts";

let scripted: ScriptedProvider;
let wechat: ProviderClient;
beforeAll(async () => {
  scripted = await startScriptedProvider();
  wechat = createWechat(settingsFor(scripted), scripted.upstream);
});
afterAll(() => scripted.close());

const identify = (token: string) => {
  scripted.answers = { "/sns/oauth2/access_token": token };
  return wechat.identify({ code: "c0de", secrets: null, issuer: null });
};
const good =
  '{"access_token":"T","expires_in":7200,"refresh_token":"R","openid":"oABC","scope":"snsapi_login"';

test("the address has WeChat's own names and ends in its fragment", async () => {
  const url = await wechat.authorizationUrl({ state: "a1", secrets: null, language: "zh" });
  expect(url).toMatch(
    /\/connect\/qrconnect\?appid=client-1&redirect_uri=https%3A%2F%2F[^&]+&response_type=code&scope=snsapi_login&state=a1#wechat_redirect$/,
  );
});

test("the key is the unionid where there is one, else the openid of this application", async () => {
  expect((await identify(`${good},"unionid":"oUNION"}`)).keys).toEqual(["unionid:oUNION", "client-1:oABC"]);
  expect((await identify(`${good}}`)).keys).toEqual(["client-1:oABC"]);
  expect((await identify(`${good},"unionid":""}`)).keys).toEqual(["client-1:oABC"]);
});

test("a profile in text/plain without a charset is UTF-8", async () => {
  const identity = await identify(`${good}}`);
  scripted.answers["/sns/userinfo"] = '{"openid":"oABC","nickname":"微信🐧","headimgurl":"","privilege":[]}';
  expect(await identity.profile()).toEqual({ nickname: "微信🐧", avatar: null, verifiedEmail: null });
  scripted.answers["/sns/userinfo"] = '{"openid":"oOTHER","nickname":"x"}';
  await expect(identity.profile()).rejects.toThrow(ProviderTrouble);
  scripted.answers["/sns/userinfo"] = '{"errcode":40001,"errmsg":"invalid credential"}';
  await expect(identity.profile()).rejects.toThrow(ProviderTrouble);
});

test.each([
  '{"errcode":40029,"errmsg":"invalid code, hints: [ req_id: NgnCj24ce-2Rl5ka ]"}',
  '{"errcode":40163,"errmsg":"code been used, rid: 6538ac7d-18c7e09b-572e68c3"}',
  '{"errcode":"42003","errmsg":"code expired"}',
])("recorded %s: the code is refused", async (text) => {
  await expect(identify(text)).rejects.toThrow(CodeRefused);
});

test.each([
  '{"errcode":40013,"errmsg":"invalid appid"}',
  '{"errcode":40125,"errmsg":"invalid appsecret"}',
  '{"errcode":-1,"errmsg":"system error"}',
  '{"errcode":"broken"}',
  '{"errcode":null}',
  '{"access_token":"T"}',
  '{"access_token":"T","openid":0}',
])("%s is trouble", async (text) => {
  await expect(identify(text)).rejects.toThrow(ProviderTrouble);
});
