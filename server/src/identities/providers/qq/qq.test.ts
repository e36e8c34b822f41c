import { expect, test } from "vitest";
import { settingsFor, startScriptedProvider } from "../../../../test/support/scripted-provider.ts";
import { CodeRefused, ProviderTrouble } from "../provider.ts";
import { createUpstream, upstreamDefaults } from "../upstream.ts";
import { createQq, readQqAnswer } from "./qq.ts";

const answer = (text: string) => ({ status: 200, contentType: "text/html", text });

test.each([
  [
    'callback( {"error":100020,"error_description":"code is reused error"} );\n',
    { error: 100020, error_description: "code is reused error" },
  ],
  ['callback({"openid":"5B0C"})', { openid: "5B0C" }],
  ['callback( {"nickname":"a);b"} );', { nickname: "a);b" }],
  ['{"access_token":"D7BF","expires_in":"7776000"}', { access_token: "D7BF", expires_in: "7776000" }],
  [
    "access_token=FE04CCE2&expires_in=7776000&refresh_token=88E4BE14",
    { access_token: "FE04CCE2", expires_in: "7776000", refresh_token: "88E4BE14" },
  ],
])("reads the recorded form %j", (text, fields) => {
  expect(readQqAnswer("token", answer(text))).toEqual(fields);
});

test.each([
  "",
  "<html><body>系统繁忙</body></html>",
  "callback( [] );",
  "callback( );",
  "null",
  "[1]",
  "callback",
  '{"openid":',
])("%j is trouble, not an account", (text) => {
  expect(() => readQqAnswer("me", answer(text))).toThrow(ProviderTrouble);
});

test("people are sent where the original sent them, parameter by parameter", async () => {
  const upstream = createUpstream({ ...upstreamDefaults, proxy: { http: "", https: "", except: "" } });
  const qq = createQq(
    {
      clientId: "100000001",
      clientSecret: "unused",
      redirectUri: "http://www.meiduo.com:8080/qq_oauth_callback.html",
      baseUrl: "https://graph.qq.com",
      apiBaseUrl: "https://graph.qq.com",
    },
    upstream,
  );
  const flow = { secrets: null, language: "zh" } as const;
  expect(await qq.authorizationUrl({ ...flow, state: "/" })).toBe(
    "https://graph.qq.com/oauth2.0/show?which=Login&display=pc&scope=get_user_info&client_id=100000001&redirect_uri=http%3A%2F%2Fwww.meiduo.com%3A8080%2Fqq_oauth_callback.html&response_type=code&state=%2F",
  );
  expect(await qq.authorizationUrl({ ...flow, state: "/搜索.html" })).toMatch(
    /&state=%2F%E6%90%9C%E7%B4%A2\.html$/,
  );
  await upstream.close();
});

/** What `identify` rejects with when QQ answers the trade of the code with this error. */
async function refusalFor(error: number): Promise<unknown> {
  const provider = await startScriptedProvider();
  try {
    provider.answers["/oauth2.0/token"] = `callback( {"error":${error},"error_description":"x"} );\n`;
    const qq = createQq(settingsFor(provider), provider.upstream);
    const callback = { code: "C0DE", secrets: null, issuer: null };
    const refusal = await qq.identify(callback).catch((reason: unknown) => reason);
    expect(provider.seen).toHaveLength(1);
    return refusal;
  } finally {
    await provider.close();
  }
}

test("an error number in place of a code is QQ's trouble, and is not traded", async () => {
  const provider = await startScriptedProvider();
  try {
    const qq = createQq(settingsFor(provider), provider.upstream);
    const trouble = await qq
      .identify({ code: "100010", secrets: null, issuer: null })
      .catch((reason: unknown) => reason);
    expect(trouble).toBeInstanceOf(ProviderTrouble);
    expect((trouble as Error).message).toBe("callback: error 100010");
    expect(provider.seen).toEqual([]);
  } finally {
    await provider.close();
  }
});

test.each([100018, 100019, 100020])("error %d is about the code", async (error) => {
  expect(await refusalFor(error)).toBeInstanceOf(CodeRefused);
});

test.each([
  [100009, "misconfigured"],
  [100010, "misconfigured"],
  [100021, "unexpected"],
  [100022, "unexpected"],
  [100023, "unexpected"],
  [100024, "unexpected"],
  [-1, "unexpected"],
])("error %d is not the visitor's doing: %s", async (error, kind) => {
  const trouble = await refusalFor(error);
  expect(trouble).toBeInstanceOf(ProviderTrouble);
  expect(trouble).toMatchObject({ kind, message: `token: error ${error}` });
});
