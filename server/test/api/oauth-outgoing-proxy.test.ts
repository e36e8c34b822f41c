import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ScriptedProvider, startScriptedProvider } from "../support/scripted-provider.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/**
 * The operator's proxy, from the environment to the socket. The providers' hosts below exist nowhere, so that an answer
 * can only have come through the proxy.
 */
let proxy: ScriptedProvider;
beforeAll(async () => {
  proxy = await startScriptedProvider();
  proxy.answers = {
    "/oauth2.0/token": "access_token=T&expires_in=7776000",
    "/oauth2.0/me": 'callback( {"client_id":"1","openid":"5B0CB916D4A9BDB5D838A3F66AC0B684"} );',
    "/user/get_user_info": '{"ret":0,"msg":"","nickname":"代理后的企鹅"}',
  };
});
beforeEach(() => {
  proxy.seen.length = 0;
});
afterAll(() => proxy.close());

async function withApp<Result>(env: Record<string, string>, work: (test: TestApp) => Promise<Result>) {
  const lines: string[] = [];
  const test = await startTestApp({
    logTo: { write: (line) => void lines.push(line) },
    env: { QQ_CLIENT_ID: "1", QQ_CLIENT_SECRET: "the-secret", OAUTH_TIMEOUT_MS: "3000", ...env },
  });
  try {
    return { result: await work(test), log: lines.join("") };
  } finally {
    await test.close();
  }
}

async function logIn(test: TestApp) {
  const begun = await test.anonymous({ url: "/oauth/qq/authorization/?next=/" });
  const state = new URL(begun.json().login_url).searchParams.get("state");
  return test.anonymous({ url: `/oauth/qq/user/?code=c0de&state=${state}` });
}

const trouble = { message: "QQ服务器异常" };

describe("a log-in", () => {
  it.each(["HTTP_PROXY", "http_proxy"])("goes through %s as a whole", async (variable) => {
    const env = { QQ_BASE_URL: "http://graph.qq.invalid", [variable]: proxy.origin };
    const { result } = await withApp(env, logIn);
    expect(result.statusCode, result.body).toBe(200);
    expect(result.json().profile.nickname).toBe("代理后的企鹅");
    expect(proxy.seen.map(({ path }) => path.split("?")[0])).toEqual([
      "/oauth2.0/token",
      "/oauth2.0/me",
      "/user/get_user_info",
    ]);
    for (const { headers } of proxy.seen) expect(headers.host).toBe("graph.qq.invalid");
  });

  it("goes straight to hosts of NO_PROXY, and fails where those can't be found", async () => {
    const env = { QQ_BASE_URL: "http://graph.qq.invalid", HTTP_PROXY: proxy.origin };
    const { result, log } = await withApp({ ...env, NO_PROXY: "a.invalid,graph.qq.invalid" }, logIn);
    expect(result.statusCode).toBe(503);
    expect(result.json()).toEqual(trouble);
    expect(proxy.seen).toEqual([]);
    expect(log).toMatch(/token: connection failed \((ENOTFOUND|EAI_AGAIN)\)/);
  });

  it("goes straight to this machine whatever the variables say", async () => {
    const own = await startScriptedProvider();
    own.answers = proxy.answers;
    try {
      const env = { QQ_BASE_URL: own.origin, HTTP_PROXY: proxy.origin, HTTPS_PROXY: proxy.origin };
      const { result } = await withApp(env, logIn);
      expect(result.statusCode, result.body).toBe(200);
      expect(own.seen).toHaveLength(3);
      expect(proxy.seen).toEqual([]);
    } finally {
      await own.close();
    }
  });

  it("over https asks HTTPS_PROXY for a tunnel, and shows it the provider's name and no more", async () => {
    const asked: { url: string; headers: Record<string, unknown> }[] = [];
    const refusing = createServer().on("connect", (request, socket) => {
      asked.push({ url: String(request.url), headers: request.headers });
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
    await new Promise<void>((resolve) => refusing.listen(0, "127.0.0.1", resolve));
    const { port } = refusing.address() as AddressInfo;
    try {
      const env = {
        QQ_BASE_URL: "https://graph.qq.invalid",
        HTTPS_PROXY: `http://me:proxy-password@127.0.0.1:${port}`,
      };
      const { result, log } = await withApp(env, logIn);
      expect(result.statusCode).toBe(503);
      expect(result.json()).toEqual(trouble);
      expect(asked.length).toBeGreaterThan(0);
      for (const { url, headers } of asked) {
        expect(url).toBe("graph.qq.invalid:443");
        expect(headers["proxy-authorization"]).toBe(`Basic ${btoa("me:proxy-password")}`);
        expect(JSON.stringify(headers)).not.toMatch(/the-secret|c0de/);
      }
      expect(log).toMatch(/token: connection failed/);
      expect(log).not.toMatch(/proxy-password|the-secret|c0de/);
    } finally {
      refusing.closeAllConnections();
      await new Promise((resolve) => refusing.close(resolve));
    }
  });
});
