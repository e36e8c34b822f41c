import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type ScriptedProvider,
  settingsFor,
  startScriptedProvider,
} from "../../../test/support/scripted-provider.ts";
import { objectOf, parseLenient } from "./answer.ts";
import { createGithub } from "./github/github.ts";
import { ProviderTrouble } from "./provider.ts";
import { createQq } from "./qq/qq.ts";
import { createWechat } from "./wechat/wechat.ts";
import { createWeibo } from "./weibo/weibo.ts";

let scripted: ScriptedProvider;
beforeAll(async () => {
  scripted = await startScriptedProvider();
});
afterAll(() => scripted.close());

const callback = { code: "C0DE", secrets: null, issuer: null };
/** A nickname as providers send it: raw newline, bell, and a backslash that escapes nothing. */
const odd = "小\n美\u0007\\莓";

test.each([
  [`{"a":"x\ny"}`, { a: "x y" }],
  ['{"a":"x\u0000\u001fy"}', { a: "x  y" }],
  [`{"a":"x\\-y"}`, { a: "x -y" }],
  [`{"a":"x\\u12zz"}`, { a: "x u12zz" }],
  // What is right stays: escapes, and a backslash that is itself escaped before a letter.
  [`{"a":"\\n\\\\q\\u4e2d\n"}`, { a: "\n\\q中 " }],
  ["<html>\n</html>", undefined],
  ['{"a":', undefined],
])("%j is read as %j", (text, value) => {
  expect(parseLenient(text)).toEqual(value);
});

test("a mended answer is never somebody's identity", () => {
  expect(objectOf("me", '{"openid":"AB\nCD"}', 200)).toEqual({ openid: "AB CD" });
});

test("a nickname with raw control characters logs its owner in at QQ, Weibo, WeChat and GitHub", async () => {
  const settings = settingsFor(scripted);
  scripted.answers = {
    "/oauth2.0/token": '{"access_token":"T"}',
    "/oauth2.0/me": 'callback( {"client_id":"client-1","openid":"0123456789ABCDEF"} );',
    "/user/get_user_info": `{"ret":0,"nickname":"${odd}"}`,
    "/oauth2/access_token": '{"access_token":"T","uid":"6363938847"}',
    "/2/users/show.json": `{"idstr":"6363938847","screen_name":"${odd}"}`,
    "/sns/oauth2/access_token": '{"access_token":"T","openid":"oABC"}',
    "/sns/userinfo": `{"openid":"oABC","nickname":"${odd}"}`,
    "/login/oauth/access_token": '{"access_token":"T"}',
    "/user": `{"id":583231,"login":"mei","name":"${odd}"}`,
    "/user/emails": `[{"email":"a@b.example","primary":true,"verified":true,"note":"${odd}"}]`,
  };
  for (const create of [createQq, createWeibo, createWechat, createGithub]) {
    const identity = await create(settings, scripted.upstream).identify(callback);
    expect((await identity.profile()).nickname, create.name).toBe("小 美 莓");
  }
});

test("a control character in an identifier is trouble, not another person", async () => {
  scripted.answers["/oauth2.0/me"] = '{"client_id":"client-1","openid":"01234567\n89ABCDEF"}';
  await expect(createQq(settingsFor(scripted), scripted.upstream).identify(callback)).rejects.toThrow(
    ProviderTrouble,
  );
});
