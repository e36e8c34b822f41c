import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSandbox } from "../../../sandbox/sandbox.ts";

/** The sandbox answers byte for byte what the real providers were recorded to answer. */
let sandbox: FastifyInstance;
let now = 1_000_000;
beforeAll(async () => {
  sandbox = await createSandbox({ environment: "test", now: () => now });
});
afterAll(() => sandbox.close());

const redirectUri = "http://127.0.0.1:8080/oauth/callback/x";

async function codeFor(provider: string, path: string, client = "client_id", trouble = ""): Promise<string> {
  const query = new URLSearchParams({
    [client]: "101399197",
    redirect_uri: redirectUri,
    response_type: "code",
    state: "abc",
  });
  const page = await sandbox.inject({ url: `/${provider}${path}?${query}` });
  expect(page.statusCode).toBe(200);
  expect(page.body).toContain("沙箱");
  const answer = await sandbox.inject({
    method: "POST",
    url: `/${provider}/decision?${query}`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    payload: new URLSearchParams({ person: "penguin", decision: "allow", trouble }).toString(),
  });
  const location = new URL(answer.headers.location as string);
  expect(location.searchParams.get("state")).toBe("abc");
  return location.searchParams.get("code")!;
}

async function qqToken(code: string, more = ""): Promise<string> {
  const query = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: "101399197",
    client_secret: "s",
    code,
    redirect_uri: redirectUri,
  });
  return (await sandbox.inject({ url: `/qq/oauth2.0/token?${query}${more}` })).body;
}

test("QQ: query string, JSON on request, JSONP errors with their spaces and newline", async () => {
  const code = await codeFor("qq", "/oauth2.0/authorize");
  expect(code).toMatch(/^[0-9A-F]{32}$/);
  const text = await qqToken(code);
  expect(text).toMatch(/^access_token=[0-9A-F]{32}&expires_in=7776000&refresh_token=[0-9A-F]{32}$/);
  expect(await qqToken(code)).toBe(
    'callback( {"error":100020,"error_description":"code is reused error"} );\n',
  );
  const json = await qqToken(await codeFor("qq", "/oauth2.0/show"), "&fmt=json");
  expect(JSON.parse(json)).toMatchObject({ expires_in: "7776000" });
  const token = new URLSearchParams(text).get("access_token");
  expect((await sandbox.inject({ url: `/qq/oauth2.0/me?access_token=${token}` })).body).toBe(
    'callback( {"client_id":"101399197","openid":"5B0CB916D4A9BDB5D838A3F66AC0B681"} );\n',
  );
  expect((await sandbox.inject({ url: `/qq/oauth2.0/me?access_token=${token}&unionid=1` })).body).toBe(
    'callback( {"client_id":"101399197","openid":"5B0CB916D4A9BDB5D838A3F66AC0B681","unionid":"UID_CAE5B3A01604A9F7B709D3BF934E7AA1"} );\n',
  );
  expect((await sandbox.inject({ url: "/qq/oauth2.0/me?access_token=bad" })).body).toBe(
    'callback( {"error":100016,"error_description":"access token check failed"} );\n',
  );
});

test("QQ without the unionid permission: 100048 where unionid is asked for, the openid where it is not", async () => {
  const text = await qqToken(await codeFor("qq", "/oauth2.0/show", "client_id", "unionid-refused"));
  const me = `/qq/oauth2.0/me?access_token=${new URLSearchParams(text).get("access_token")}`;
  expect((await sandbox.inject({ url: `${me}&unionid=1` })).body).toBe(
    'callback( {"error":100048,"error_description":"companyid not set"} );\n',
  );
  expect((await sandbox.inject({ url: me })).body).toBe(
    'callback( {"client_id":"101399197","openid":"5B0CB916D4A9BDB5D838A3F66AC0B681"} );\n',
  );
});

test.each([
  ["fmt-ignored", /^callback\( (\{.*\}) \);\n$/],
  ["jsonp-compact", /^callback\((\{.*\})\)$/],
])("QQ, switch %s: fmt=json is not heard, and the wrapping has its form", async (trouble, form) => {
  const code = await codeFor("qq", "/oauth2.0/show", "client_id", trouble);
  const text = await qqToken(code, "&fmt=json");
  expect(text).toMatch(/^access_token=[0-9A-F]{32}&/);
  const token = new URLSearchParams(text).get("access_token");
  const me = (await sandbox.inject({ url: `/qq/oauth2.0/me?access_token=${token}&fmt=json` })).body;
  expect(form.exec(me)?.[1], me).toBe(
    '{"client_id":"101399197","openid":"5B0CB916D4A9BDB5D838A3F66AC0B681"}',
  );
  const reused = await qqToken(code, "&fmt=json");
  expect(form.exec(reused)?.[1], reused).toBe('{"error":100020,"error_description":"code is reused error"}');
});

test("Weibo: numbers and texts as recorded; a JSON body is not read", async () => {
  const payload = (code: string) => ({
    client_id: "101399197",
    client_secret: "s",
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
  });
  const code = await codeFor("weibo", "/oauth2/authorize");
  const asJson = await sandbox.inject({
    method: "POST",
    url: "/weibo/oauth2/access_token",
    payload: payload(code),
  });
  expect(asJson.statusCode).toBe(400);
  expect(asJson.json()).toMatchObject({ error: "invalid_request", error_code: 21323 });
  const form = (value: string) =>
    sandbox.inject({
      method: "POST",
      url: "/weibo/oauth2/access_token",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      payload: new URLSearchParams(payload(value)).toString(),
    });
  expect((await form(code)).body).toMatch(
    /^\{"access_token":"2\.00[^"]{28}","remind_in":"157679999","expires_in":157679999,"uid":"6363938841","isRealName":"true"\}$/,
  );
  const refused = await form("nonsense");
  expect(refused.statusCode).toBe(400);
  expect(refused.body).toBe(
    '{"error":"invalid_grant","error_code":21325,"request":"/oauth2/access_token","error_uri":"/oauth2/access_token","error_description":"invalid authorization code:nonsense"}',
  );
});

test("WeChat: status 200 and text/plain for everything", async () => {
  const bad = await sandbox.inject({ url: "/wechat-api/sns/oauth2/access_token?appid=1&secret=2&code=3" });
  expect(bad.statusCode).toBe(200);
  expect(bad.headers["content-type"]).toBe("text/plain");
  expect(bad.body).toBe('{"errcode":40029,"errmsg":"invalid code, rid: 6538ac7d-18c7e09b-572e68c3"}');
  const code = await codeFor("wechat", "/connect/qrconnect", "appid");
  const good = await sandbox.inject({
    url: `/wechat-api/sns/oauth2/access_token?appid=101399197&secret=2&code=${code}`,
  });
  expect(Object.keys(good.json())).toEqual([
    ...["access_token", "expires_in", "refresh_token", "openid", "scope", "unionid"],
  ]);
});

test("Weibo: a wrong secret is 401, an error of the profile 403", async () => {
  const wrong = await sandbox.inject({
    method: "POST",
    url: "/weibo/oauth2/access_token",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    payload: new URLSearchParams({
      client_id: "101399197",
      client_secret: "s",
      code: await codeFor("weibo", "/oauth2/authorize", "client_id", "wrong-secret"),
      redirect_uri: redirectUri,
    }).toString(),
  });
  expect(wrong.statusCode).toBe(401);
  expect(wrong.body).toBe(
    '{"error":"invalid_client","error_code":21324,"request":"/oauth2/access_token","error_uri":"/oauth2/access_token","error_description":"client_secret error."}',
  );
  const profile = await sandbox.inject({ url: "/weibo/2/users/show.json?access_token=bad&uid=1" });
  expect(profile.statusCode).toBe(403);
  expect(profile.body).toBe(
    '{"error":"invalid_access_token","error_code":21332,"request":"/2/users/show.json"}',
  );
});

test("GitHub: a query string unless JSON is accepted, errors with status 200, no answer without a User-Agent", async () => {
  const trade = (code: string, headers: Record<string, string> = {}) =>
    sandbox.inject({
      method: "POST",
      url: "/github/login/oauth/access_token",
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
      payload: new URLSearchParams({ client_id: "1", client_secret: "s", code }).toString(),
    });
  const json = { accept: "application/json" };
  const code = await codeFor("github", "/login/oauth/authorize");
  expect(code).toMatch(/^[0-9a-f]{20}$/);
  const text = await trade(code);
  expect(text.body).toMatch(/^access_token=gho_[0-9A-Za-z]{36}&scope=user%3Aemail&token_type=bearer$/);
  const good = await trade(await codeFor("github", "/login/oauth/authorize"), json);
  expect(good.body).toMatch(
    /^\{"access_token":"gho_[0-9A-Za-z]{36}","scope":"user:email","token_type":"bearer"\}$/,
  );
  const reused = await trade(code, json);
  expect([reused.statusCode, reused.body]).toEqual([
    200,
    '{"error":"bad_verification_code","error_description":"The code passed is incorrect or expired.","error_uri":"https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/#bad-verification-code"}',
  ]);
  expect((await trade(code)).body).toMatch(
    /^error=bad_verification_code&error_description=The\+code\+passed/,
  );

  const api = (headers: Record<string, string>, path = "/user") =>
    sandbox.inject({ url: `/github-api${path}`, headers });
  const authorization = `Bearer ${new URLSearchParams(text.body).get("access_token")}`;
  expect((await api({ "user-agent": "", authorization })).statusCode).toBe(403);
  const stranger = await api({ authorization: "Bearer gho_bad" });
  expect([stranger.statusCode, stranger.body]).toEqual([
    401,
    '{"message":"Bad credentials","documentation_url":"https://docs.github.com/rest","status":"401"}',
  ]);
  expect((await api({ authorization })).json()).toMatchObject({
    id: 583231,
    name: "飞翔的企鹅",
    email: null,
  });
  expect((await api({ authorization }, "/user/emails")).json()).toEqual([]);
});

const phone = "Mozilla/5.0 (Linux; Android 15) Mobile";

test.each([
  ["qq", "", "200 "],
  ["qq", phone, "302 usercancel=1&state=abc"],
  [
    "weibo",
    "",
    "302 state=abc&error_uri=%2Foauth2%2Fauthorize&error=access_denied&error_description=user+denied+your+request.&error_code=21330",
  ],
  [
    "github",
    "",
    "302 error=access_denied&error_description=The+user+has+denied+your+application+access.&error_uri=https%3A%2F%2Fdocs.github.com%2Fapps%2Fmanaging-oauth-apps%2Ftroubleshooting-authorization-request-errors%2F%23access-denied&state=abc",
  ],
  ["wechat", "", "302 state=abc"],
  ["oidc", "", "302 error=access_denied&state=abc"],
])("whoever cancels at %s comes back (or not) with what it sends: %j", async (provider, agent, expected) => {
  const query = new URLSearchParams({
    [provider === "wechat" ? "appid" : "client_id"]: "1",
    redirect_uri: redirectUri,
    response_type: "code",
    state: "abc",
  });
  const answer = await sandbox.inject({
    method: "POST",
    url: `/${provider}/decision?${query}`,
    headers: { "content-type": "application/x-www-form-urlencoded", "user-agent": agent },
    payload: "decision=cancel&person=penguin",
  });
  const { location = "" } = answer.headers;
  expect(`${answer.statusCode} ${String(location).replace(`${redirectUri}?`, "")}`).toBe(expected);
});

test("pictures: one for each of its people, none for anybody else", async () => {
  const ask = (address: string) => sandbox.inject({ url: "/picture", query: { address } });
  const [one, other] = [
    await ask("https://thirdqq.qlogo.cn/g?b=oidb&k=penguin&s=100&t=1557635654"),
    await ask("https://avatars.githubusercontent.com/u/583232?v=4"),
  ];
  for (const answer of [one, other]) {
    expect([answer.statusCode, answer.headers["content-type"]]).toEqual([200, "image/png"]);
    expect(answer.rawPayload.subarray(1, 4).toString()).toBe("PNG");
  }
  expect(one.rawPayload.equals(other.rawPayload)).toBe(false);
  for (const address of ["", "https://avatars.githubusercontent.com/u/1?v=4", "penguins"]) {
    expect((await ask(address)).statusCode).toBe(404);
  }
});

test("a code expires after ten minutes", async () => {
  const code = await codeFor("qq", "/oauth2.0/authorize");
  now += 600_000;
  expect(await qqToken(code)).toContain("100019");
});

test("a request without what the provider needs gets its error page, and nothing comes back", async () => {
  for (const url of [
    "/qq/oauth2.0/authorize?response_type=code&redirect_uri=http://x/",
    "/qq/oauth2.0/authorize?client_id=1&response_type=code&redirect_uri=javascript:alert(1)",
    "/weibo/oauth2/authorize?client_id=1&redirect_uri=http://x/&response_type=token",
  ]) {
    const answer = await sandbox.inject({ url });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers.location).toBeUndefined();
  }
});

test("what a visitor put into the address is shown as text", async () => {
  const query = new URLSearchParams({
    client_id: '"><script>alert(1)</script>',
    redirect_uri: 'http://x/"><script>',
    response_type: "code",
  });
  const page = await sandbox.inject({ url: `/qq/oauth2.0/authorize?${query}` });
  expect(page.body).not.toContain("<script");
  expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
});
