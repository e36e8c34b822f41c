import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startScriptedProvider } from "../support/scripted-provider.ts";
import { startThirdPartyTest, type ThirdPartyTest } from "../support/third-party.ts";

let third: ThirdPartyTest;
const lines: string[] = [];
beforeAll(async () => {
  third = await startThirdPartyTest({ logTo: { write: (line) => void lines.push(line) } });
});
afterAll(() => third.close());

const titles: Record<string, string> = {
  qq: "QQ",
  weibo: "微博",
  github: "GitHub",
  wechat: "微信",
  oidc: "OpenID Connect",
};

describe.each(["qq", "weibo", "github", "wechat", "oidc"])("log-in with %s", (provider) => {
  it("tells where to go under every name the clients read", async () => {
    const answer = await third.test.anonymous({ url: `/oauth/${provider}/authorization/?next=/goods/1` });
    expect(answer.statusCode).toBe(200);
    const body = answer.json();
    expect(Object.keys(body)).toEqual(["login_url", "oauth_url", "auth_url"]);
    expect(new Set(Object.values(body)).size).toBe(1);
    const state = new URL(body.login_url).searchParams.get("state");
    expect(state).toMatch(/^[0-9a-f]{64}$/);
    expect(body.login_url).not.toContain("goods");
  });

  it("gives a stranger a ticket, and after that knows them", async () => {
    const first = await third.logIn(provider, "penguin", { next: "/搜索.html?a=1" });
    expect(Object.keys(first)).toEqual(["access_token", "bind_token", "profile", "next"]);
    expect(first).toMatchObject({
      access_token: first.bind_token,
      profile: { nickname: "飞翔的企鹅", email: null },
      next: "/搜索.html?a=1",
    });
    const username = `first-${provider}`;
    const created = await third.test.anonymous({
      method: "POST",
      url: `/oauth/${provider}/account/`,
      payload: { access_token: first.access_token, username },
    });
    expect(created.statusCode, created.body).toBe(201);
    expect(created.json()).toMatchObject({ username, email: "" });
    const again = await third.logIn(provider, "penguin", { next: "/cart.html" });
    expect(Object.keys(again)).toEqual(["user_id", "username", "token", "next"]);
    expect(again).toMatchObject({ user_id: created.json().id, username, next: "/cart.html" });
    const me = await third.test.as(String(again.token))({ url: "/user/" });
    expect(me.json()).toMatchObject({ username, email: null });
  });

  it("reports that the person cancelled", async () => {
    // QQ on a computer only closes its window; in a phone's browser it comes back.
    const { parameters } = await third.authorize(provider, { decision: "cancel", phone: provider === "qq" });
    expect(parameters.get("code")).toBeNull();
    expect(parameters.get("state")).toMatch(/^[0-9a-f]{64}$/);
    const answer = await third.test.anonymous({ url: `/oauth/${provider}/user/?${parameters}` });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({ message: "您取消了授权，可以重新登录。" });
  });

  it("asks for the code", async () => {
    // The state alone is how WeChat reports a refusal.
    for (const query of ["", "?code=", ...(provider === "wechat" ? [] : ["?state=/", "?state=/&code="])]) {
      const answer = await third.test.anonymous({ url: `/oauth/${provider}/user/${query}` });
      expect(answer.statusCode, query).toBe(400);
      expect(answer.json()).toEqual({ message: "缺少code值" });
    }
  });

  it.each(["server_error", "redirect_uri_mismatch", "application_suspended", "temporarily_unavailable"])(
    "does not call %s a refusal by the person, and logs it",
    async (error) => {
      lines.length = 0;
      const sent = new URLSearchParams({ error, error_code: "21331", state: "not-to-be-logged" });
      const answer = await third.test.anonymous({ url: `/oauth/${provider}/user/?${sent}` });
      expect(answer.statusCode).toBe(503);
      expect(answer.json()).toEqual({ message: `${titles[provider]}服务器异常` });
      const log = lines.join("");
      expect(log).toContain(`callback: error ${error}`);
      expect(log).not.toContain("not-to-be-logged");
    },
  );
});

describe("a callback without a code", () => {
  it("tells an address that GitHub does not know from a refusal", async () => {
    lines.length = 0;
    const { parameters } = await third.authorize("github", { trouble: "redirect-mismatch" });
    expect(parameters.get("error")).toBe("redirect_uri_mismatch");
    const answer = await third.test.anonymous({ url: `/oauth/github/user/?${parameters}` });
    expect(answer.statusCode).toBe(503);
    expect(lines.join("")).toContain("callback: error redirect_uri_mismatch");
  });

  it("logs what anybody may send short and masked, and answers nothing of it", async () => {
    lines.length = 0;
    const error = `13800138000 zhangsan@163.com {"level":60}${"x".repeat(150)}`;
    const answer = await third.test.anonymous({
      url: `/oauth/oidc/user/?${new URLSearchParams({ error })}`,
    });
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({ message: "OpenID Connect服务器异常" });
    const log = lines.join("");
    expect(log).toContain("138****8000");
    for (const part of ["13800138000", "zhangsan@", "x".repeat(60)]) expect(log).not.toContain(part);
  });

  it("does not come from QQ on a computer, which keeps whoever cancels on its own page", async () => {
    const { parameters, page } = await third.authorize("qq", { decision: "cancel" });
    expect([...parameters]).toEqual([]);
    expect(page).toContain("真正的 QQ 此时只关闭窗口");
  });

  it("usercancel is QQ's word alone, and 0 is none", async () => {
    for (const [provider, value] of [
      ["weibo", "1"],
      ["qq", "0"],
    ]) {
      const answer = await third.test.anonymous({ url: `/oauth/${provider}/user/?usercancel=${value}` });
      expect(answer.json()).toEqual({ message: "缺少code值" });
    }
  });

  it("is 404 at a provider that nobody knows", async () => {
    expect((await third.test.anonymous({ url: "/oauth/nobody/user/" })).statusCode).toBe(404);
  });
});

describe("providers", () => {
  it("are listed in the reader's language, with the cookie that ties a browser to its log-in", async () => {
    const answer = await third.test.anonymous({
      url: "/oauth/providers/",
      headers: { "accept-language": "en" },
    });
    expect(answer.json().providers).toEqual([
      { name: "qq", title: "QQ", login_type: 1 },
      { name: "weibo", title: "Weibo", login_type: 2 },
      { name: "github", title: "GitHub", login_type: 3 },
      { name: "wechat", title: "WeChat", login_type: 4 },
      { name: "apple", title: "Apple", login_type: 20 },
      { name: "oidc", title: "OpenID Connect", login_type: 5 },
    ]);
    expect(answer.headers["set-cookie"]).toMatch(
      /^meiduo_oauth=[\w-]{22}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/,
    );
  });

  it("sina is Weibo", async () => {
    const { code, state } = await third.authorize("sina", { person: "emoji" });
    const answer = await third.finish("weibo", { code, state });
    expect(answer.statusCode).toBe(200);
    expect(answer.json().profile.nickname).toBe("👩‍👩‍👧‍👦🐧 企鹅一家 🇨🇳");
  });

  it.each(["nobody", "constructor", "__proto__", "QQ"])("unknown %s is a 404", async (name) => {
    for (const url of [`/oauth/${name}/authorization/`, `/oauth/${name}/user/?code=x&state=y`]) {
      expect((await third.test.anonymous({ url })).statusCode).toBe(404);
    }
  });

  it.each([
    "http://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "/%2F/evil.example",
    "/a\u0000b",
  ])("refuses next=%j", async (next) => {
    for (const field of ["next", "state"]) {
      const answer = await third.test.anonymous({
        url: `/oauth/qq/authorization/?${new URLSearchParams({ [field]: next })}`,
      });
      expect(answer.statusCode).toBe(400);
      expect(answer.json()[field]).toEqual(["只能跳转到本站的路径。"]);
    }
  });

  it("a provider's good key counts even when its profile fails, for somebody known", async () => {
    await third.createBound("weibo", "long", "weibo-long");
    const { code, state } = await third.authorize("weibo", { person: "long", trouble: "profile-error" });
    const answer = await third.finish("weibo", { code, state });
    expect(answer.json()).toMatchObject({ username: "weibo-long" });
  });
});

describe("keys of QQ and WeChat", () => {
  it.each(["qq", "wechat"])(
    "%s: a binding by openid becomes one by unionid and keeps working",
    async (name) => {
      const { bind_token } = await third.logIn(name, "nameless", { trouble: "no-unionid" });
      const username = `union-${name}`;
      await third.test.anonymous({
        method: "POST",
        url: `/oauth/${name}/account/`,
        payload: { bind_token, username },
      });
      expect(await third.logIn(name, "nameless", { trouble: "no-unionid" })).toMatchObject({ username });
      expect(await third.logIn(name, "nameless")).toMatchObject({ username });
      const last = await third.logIn(name, "nameless", { trouble: "no-unionid" });
      expect(last).toMatchObject({ username });
      const list = await third.test.as(String(last.token))({ url: "/user/bindings/" });
      expect(list.json().bindings).toHaveLength(1);
      const rows = await third.test.app.db.kysely
        .selectFrom("bindings")
        .select(["account_key", "is_alias"])
        .where("user_id", "=", Number(last.user_id))
        .execute();
      expect(rows.map((row) => row.is_alias).sort()).toEqual([0, 1]);
    },
  );
});

describe("an unconfigured provider", () => {
  it("is a 503 that names the setting", async () => {
    const bare = await startThirdPartyTest({ sandboxOrigin: undefined });
    try {
      const answer = await bare.test.anonymous({ url: "/oauth/github/authorization/" });
      expect(answer.statusCode).toBe(503);
      expect(answer.json().message).toContain("GITHUB_CLIENT_ID");
      expect((await bare.test.anonymous({ url: "/oauth/providers/" })).json()).toEqual({ providers: [] });
    } finally {
      await bare.close();
    }
  });
});

describe("path mode and limits", () => {
  it("with OAUTH_STATE=path state is the path, and a code delivered many times at once works once", async () => {
    const old = await startThirdPartyTest({ env: { OAUTH_STATE: "path" } });
    try {
      for (const provider of ["qq", "weibo", "github", "wechat", "oidc"]) {
        const callback = await old.authorize(provider, { next: "/cart.html" });
        expect(callback.state).toBe("/cart.html");
        const answers = await Promise.all(
          Array.from({ length: 5 }, () =>
            old.finish(provider, { code: callback.code, state: callback.state }),
          ),
        );
        const good = answers.filter(({ statusCode }) => statusCode === 200);
        expect(good).toHaveLength(1);
        expect(good[0]!.json()).toMatchObject({ next: "/cart.html", profile: { nickname: "飞翔的企鹅" } });
        for (const answer of answers) expect([200, 400]).toContain(answer.statusCode);
      }
      const { code } = await old.authorize("qq");
      const evil = await old.finish("qq", { code, state: "//evil.example" });
      expect(evil.statusCode).toBe(400);
      expect(evil.json().state).toEqual(["只能跳转到本站的路径。"]);
    } finally {
      await old.close();
    }
  });

  it("with OAUTH_STATE=path a code under way is not taken to the provider a second time", async () => {
    const provider = await startScriptedProvider();
    // Unlike a real one it takes every code, however often.
    provider.answers = {
      "/oauth2.0/token": "access_token=T&expires_in=7776000",
      "/oauth2.0/me": 'callback( {"client_id":"1","openid":"5B0CB916D4A9BDB5D838A3F66AC0B684"} );',
      "/user/get_user_info": '{"ret":0,"msg":"","nickname":"企鹅"}',
    };
    const old = await startThirdPartyTest({
      env: {
        OAUTH_STATE: "path",
        QQ_CLIENT_ID: "1",
        QQ_CLIENT_SECRET: "s",
        QQ_BASE_URL: provider.origin,
      },
    });
    try {
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => old.finish("qq", { code: "c0de", state: "/" })),
      );
      expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 400, 400, 400, 400]);
      expect(provider.seen.filter(({ path }) => path.startsWith("/oauth2.0/token"))).toHaveLength(1);
    } finally {
      await old.close();
      await provider.close();
    }
  });

  it("one client whose provider hangs ties up no more than its part of the exchanges", async () => {
    const held: ServerResponse[] = [];
    const hanging = createServer((_request, response) => void held.push(response));
    await new Promise<void>((resolve) => hanging.listen(0, "127.0.0.1", resolve));
    const { port } = hanging.address() as AddressInfo;
    const shared = await startThirdPartyTest({
      env: {
        ...{ OAUTH_STATE: "path", QQ_CLIENT_ID: "1", QQ_CLIENT_SECRET: "s", TRUST_PROXY: "1" },
        QQ_BASE_URL: `http://127.0.0.1:${port}`,
      },
    });
    try {
      const finish = (client: string, code: string) =>
        shared.test.anonymous({
          url: `/oauth/qq/user/?code=${code}&state=/`,
          headers: { "x-forwarded-for": client },
        });
      const flood = Array.from({ length: 25 }, (_, i) => finish("203.0.113.1", `code-${i}`));
      await expect.poll(() => held.length).toBe(20);
      const other = finish("198.51.100.1", "other");
      await expect.poll(() => held.length).toBe(21);
      for (const response of held) response.writeHead(500).end();
      const texts = (await Promise.all(flood)).map(({ statusCode, body }) => `${statusCode} ${body}`);
      expect(texts.filter((text) => text.includes("服务器繁忙"))).toHaveLength(5);
      expect((await other).body).not.toContain("服务器繁忙");
    } finally {
      for (const response of held) response.destroy();
      await shared.close();
      hanging.closeAllConnections();
      await new Promise((resolve) => hanging.close(resolve));
    }
  });

  it("one client can't begin log-ins without end, whichever addresses of its network it uses", async () => {
    const limited = await startThirdPartyTest({ env: { OAUTH_LIMIT: "3", TRUST_PROXY: "1" } });
    try {
      const begin = (client: string) =>
        limited.test.anonymous({
          ...{ url: "/oauth/qq/authorization/", headers: { "x-forwarded-for": client } },
        });
      for (const network of ["198.51.100.1", "2001:db8:0:1::"]) {
        const address = (i: number) => (network.includes(":") ? `${network}${i}` : network);
        for (let count = 0; count < 3; count++) expect((await begin(address(count))).statusCode).toBe(200);
        const answer = await begin(address(4));
        expect(answer.statusCode).toBe(429);
        expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
      }
      expect((await begin("2001:db8:0:2::1")).statusCode).toBe(200);
    } finally {
      await limited.close();
    }
  });
});
