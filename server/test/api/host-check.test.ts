import { type AddressInfo, createConnection } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSandbox } from "../../../sandbox/sandbox.ts";
import { ownAddresses } from "../../src/kernel/own-addresses.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** DNS rebinding: a page of evil.example whose name leads to this machine asks with its own Host. */
describe("a request's host", () => {
  let test: TestApp;
  const lines: string[] = [];
  beforeAll(async () => {
    test = await startTestApp({
      env: {
        PUBLIC_SITE_URL: "http://www.shop.example:8080",
        PUBLIC_API_URL: "https://api.shop.example",
        CORS_ORIGIN_WHITELIST: "https://m.shop.example",
        ALLOWED_HOSTS: "meiduo_api, Internal.example, 2001:DB8::9",
      },
      logTo: { write: (line) => void lines.push(line) },
    });
  });
  afterAll(() => test.close());

  const ask = (host: string, headers: Record<string, string> = {}, url = "/test/") =>
    test.anonymous({ url, headers: { host, ...headers } });

  it.each([
    "localhost",
    "localhost:8000",
    "LocalHost:8000",
    "app.localhost:8000",
    "127.0.0.1:8000",
    "127.0.0.2",
    "[::1]:8000",
    "www.shop.example",
    "www.shop.example:9000",
    "API.shop.example.",
    "m.shop.example",
    "meiduo_api",
    "internal.example",
    "[2001:db8:0:0::9]:80",
    ...ownAddresses().map(({ host }) => `${host}:8000`),
  ])("%s is this server's, twice over", async (host) => {
    for (const _ of [1, 2]) expect((await ask(host)).statusCode).toBe(200);
  });

  it.each([
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evil@127.0.0.1",
    "127.0.0.1:8000/",
    "203.0.113.9",
    "0.0.0.0:8000",
    "[2001:db8::1]:8000",
    "shop.example",
    "xwww.shop.example",
    "a;b",
  ])("%j is another's: 421, whatever is asked for", async (host) => {
    for (const url of ["/test/", "/healthz", "/nope/", "/users/", "/docs", "/sandbox/mailbox/messages/"]) {
      const answer = await ask(host, {}, url);
      expect([url, answer.statusCode]).toEqual([url, 421]);
      expect(answer.headers).toHaveProperty("x-request-id");
      expect(answer.headers["cache-control"]).toBe("no-store");
    }
  });

  it("is refused in the shape and the language of all errors, and a page of ours may read why", async () => {
    const chinese = await ask("evil.example");
    expect(chinese.json()).toEqual({
      detail: expect.stringContaining("evil.example"),
      message: expect.stringMatching(/ALLOWED_HOSTS.*。$/),
    });
    const english = await ask("evil.example", {
      "accept-language": "en",
      accept: "application/problem+json",
      origin: "https://m.shop.example",
    });
    expect(english.headers["access-control-allow-origin"]).toBe("https://m.shop.example");
    expect(english.json()).toMatchObject({ status: 421, code: "host_not_allowed" });
    expect(english.json().title).toContain("add that host to ALLOWED_HOSTS");
  });

  it("is told in the log once, and strangers can't fill the log with it", async () => {
    const told = () => lines.filter((line) => line.includes("is not this server's"));
    await ask("once.example");
    const before = told().length;
    for (let i = 0; i < 3; i++) await ask("once.example");
    expect(told()).toHaveLength(before);
    for (let i = 0; i < 60; i++) await ask(`scan${i}.example`);
    expect(told().length).toBeLessThanOrEqual(20);
    expect(JSON.parse(told()[0]!)).toMatchObject({ level: "warn", host: expect.any(String) });
  });

  it("may be missing, as in probes of HTTP/1.0, and is judged on the wire as it is here", async () => {
    await test.app.api.listen({ host: "127.0.0.1", port: 0 });
    const { port } = test.app.api.server.address() as AddressInfo;
    const statusOf = async (head: string) => {
      const socket = createConnection(port, "127.0.0.1", () => socket.end(`${head}\r\n\r\n`));
      const [line = ""] = (await text(socket)).split("\r\n", 1);
      return Number(line.split(" ")[1]);
    };
    expect(await statusOf(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${port}`)).toBe(200);
    expect(await statusOf("GET /healthz HTTP/1.1\r\nHost: evil.example")).toBe(421);
    expect(await statusOf("GET /healthz HTTP/1.1\r\nHost:")).toBe(421);
    expect(await statusOf("GET /healthz HTTP/1.0")).toBe(200);
  });

  it("is judged by the sandbox as well, where anybody can be anybody", async () => {
    const sandbox = await createSandbox({ environment: "test" });
    try {
      for (const url of ["/", "/qq/oauth2.0/me", "/nope"]) {
        const answer = await sandbox.inject({ url, headers: { host: "evil.example:8001" } });
        expect([url, answer.statusCode]).toEqual([url, 421]);
        expect(answer.json()).toHaveProperty("message");
      }
      const own = await sandbox.inject({ url: "/", headers: { host: "127.0.0.1:8001" } });
      expect(own.statusCode).toBe(200);
    } finally {
      await sandbox.close();
    }
  });

  it("may be any where ALLOWED_HOSTS is *", async () => {
    const all = await startTestApp({ env: { ALLOWED_HOSTS: "*" } });
    try {
      const answer = await all.anonymous({ url: "/test/", headers: { host: "tunnel.example" } });
      expect(answer.statusCode).toBe(200);
    } finally {
      await all.close();
    }
  });
});
