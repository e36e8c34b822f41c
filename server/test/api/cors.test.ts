import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ownAddresses } from "../../src/kernel/own-addresses.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

describe("cross-origin access", () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startTestApp({ env: { CORS_ORIGIN_WHITELIST: "http://www.meiduo.com:8080,https://m.cn" } });
  });
  afterAll(() => test.close());

  const preflight = (origin: string, url = "/users/authorizations/") =>
    test.anonymous({
      method: "OPTIONS",
      url,
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
      },
    });

  it("answers a listed origin's preflight without a body, for every path", async () => {
    for (const url of ["/users/authorizations/", "/users/", "/user/", "/nope/"]) {
      const answer = await preflight("http://www.meiduo.com:8080", url);
      expect([200, 204]).toContain(answer.statusCode);
      expect(answer.body).toBe("");
      expect(answer.headers).toMatchObject({
        "access-control-allow-origin": "http://www.meiduo.com:8080",
        "access-control-allow-credentials": "true",
        "access-control-max-age": "86400",
        "access-control-allow-methods": "DELETE, GET, OPTIONS, PATCH, POST, PUT",
      });
      const allowed = String(answer.headers["access-control-allow-headers"]).split(", ");
      const needed =
        "accept accept-encoding authorization content-type dnt origin user-agent x-csrftoken x-requested-with";
      expect(allowed).toEqual(expect.arrayContaining(needed.split(" ")));
    }
  });

  it.each([
    "http://evil.example",
    "null",
    "http://www.meiduo.com",
    "http://www.meiduo.com:8080.evil.example",
    "http://www.meiduo.com:80800",
    "https://www.meiduo.com:8080",
    "HTTPS://M.CN",
    "https://m.cn/",
    "https://x.m.cn",
    "*",
    "",
  ])("gives the foreign origin %j nothing to read", async (origin) => {
    for (const answer of [
      await preflight(origin),
      await test.anonymous({ url: "/test/", headers: { origin } }),
      await test.anonymous({ url: "/nope/", headers: { origin } }),
    ]) {
      expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
      expect(answer.headers).not.toHaveProperty("access-control-allow-methods");
      expect(answer.headers.vary).toMatch(/\bOrigin\b/);
    }
  });

  it.each(["traceparent", "tracestate", "baggage", "sentry-trace"])(
    "lets a page with tracing send %s",
    async (name) => {
      const answer = await preflight("https://m.cn");
      expect(String(answer.headers["access-control-allow-headers"]).split(", ")).toContain(name);
    },
  );

  it("echoes the origin on answers and on errors, and lets scripts read what they need", async () => {
    const origin = "https://m.cn";
    for (const [url, status] of [
      ["/test/", 200],
      ["/user/", 401],
      ["/users/", 405],
      ["/nope/", 404],
      ["/users/emails/x/count/", 400],
    ] as const) {
      const answer = await test.anonymous({ url, headers: { origin } });
      expect(answer.statusCode).toBe(status);
      expect(answer.headers["access-control-allow-origin"]).toBe(origin);
      const exposed = String(answer.headers["access-control-expose-headers"]).toLowerCase().split(", ");
      expect(exposed).toEqual(expect.arrayContaining(["authorization", "retry-after", "www-authenticate"]));
    }
  });

  it("never answers with a star, and says Vary to every caller", async () => {
    const answer = await test.anonymous({ url: "/test/" });
    expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
    expect(answer.headers.vary).toMatch(/\bOrigin\b/);
    expect(answer.json()).toEqual({ message: "接收OK" });
  });

  it.each([
    ...["http://localhost:5173", "http://127.0.0.1:3000", "http://[::1]:4321", "http://localhost"],
    ...["https://localhost:5173", "https://[::1]:5173", "http://127.1.2.3:5173", "http://app.localhost:5173"],
  ])("takes %s in development: a front end's own server on this machine", async (origin) => {
    for (const answer of [
      await preflight(origin),
      await test.anonymous({ url: "/test/", headers: { origin } }),
    ])
      expect(answer.headers["access-control-allow-origin"]).toBe(origin);
  });

  it.each([
    "ftp://localhost:5173",
    "http://localhost.evil.example:5173",
    "http://localhost:5173.evil.example",
    "http://127.0.0.1@evil.example",
    "http://127.0.0.1.evil.example",
    "http://LOCALHOST:5173",
    "https://localhost:443",
    "null",
  ])("does not take %s for one", async (origin) => {
    const answer = await preflight(origin);
    expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
  });

  it("takes the site by any address of this machine in development, at its own port", async () => {
    const lan = await startTestApp({ env: { WEB_PORT: "9123" } });
    try {
      for (const { host } of ownAddresses()) {
        const at = (port: number) =>
          lan.anonymous({ url: "/test/", headers: { origin: `http://${host}:${port}` } });
        expect((await at(9123)).headers["access-control-allow-origin"]).toBe(`http://${host}:9123`);
        if (!/^(127|\[::1)/.test(host))
          expect((await at(9124)).headers).not.toHaveProperty("access-control-allow-origin");
      }
      const stranger = await lan.anonymous({
        url: "/test/",
        headers: { origin: "http://203.0.113.9:9123" },
      });
      expect(stranger.headers).not.toHaveProperty("access-control-allow-origin");
    } finally {
      await lan.close();
    }
  });

  it("says once, with the line to add, which origin it refused; in production loopback is one of them", async () => {
    const lines: string[] = [];
    const production = await startTestApp({
      env: {
        ENVIRONMENT: "production",
        SMTP_URL: "smtp://127.0.0.1:1",
        CORS_ORIGIN_WHITELIST: "https://www.mall.cn",
        PUBLIC_SITE_URL: "https://www.mall.cn",
        PUBLIC_API_URL: "https://api.mall.cn",
      },
      logTo: { write: (line) => void lines.push(line) },
    });
    const told = () =>
      lines.filter((line) => line.includes("was refused the API")).map((line) => JSON.parse(line));
    const from = (origin: string, host = "api.mall.cn") =>
      production.anonymous({ url: "/test/", headers: { origin, host } });
    try {
      for (const origin of ["http://localhost:5173", "http://localhost:5173", "https://www.mall.cn"])
        await from(origin);
      // The API's own page needs no permission.
      await from("https://api.mall.cn");
      expect(told()).toMatchObject([{ level: "warn", origin: "http://localhost:5173" }]);
      expect(told()[0].msg).toContain("CORS_ORIGIN_WHITELIST=https://www.mall.cn,http://localhost:5173");
      // Nothing that a shell would carry out is in a line to paste.
      await from("http://a$(reboot).example");
      await from("null");
      expect(
        told()
          .slice(1)
          .map(({ msg }) => msg.includes("WHITELIST")),
      ).toEqual([false, false]);
      for (let i = 0; i < 60; i++) await from(`https://scan${i}.example`);
      expect(told()).toHaveLength(20);
    } finally {
      await production.close();
    }
  });

  it("lists the tutorial's origins and the site's own by default", async () => {
    const standard = await startTestApp({ env: { WEB_PORT: "9123" } });
    try {
      for (const origin of [
        "http://127.0.0.1:8080",
        "http://localhost:8080",
        "http://www.meiduo.com:8080",
        "http://api.meiduo.com:8000",
        "http://127.0.0.1:9123",
      ]) {
        const answer = await standard.anonymous({ url: "/test/", headers: { origin } });
        expect(answer.headers["access-control-allow-origin"]).toBe(origin);
      }
    } finally {
      await standard.close();
    }
  });
});

it("lets a front end send the headers that CORS_ALLOW_HEADERS names, beside the usual ones", async () => {
  const test = await startTestApp({
    env: { CORS_ORIGIN_WHITELIST: "https://m.cn", CORS_ALLOW_HEADERS: "X-Shop-Version, x-tenant" },
  });
  const answer = await test.anonymous({
    method: "OPTIONS",
    url: "/users/",
    headers: { origin: "https://m.cn", "access-control-request-method": "POST" },
  });
  await test.close();
  const allowed = String(answer.headers["access-control-allow-headers"]).split(", ");
  expect(allowed).toEqual(expect.arrayContaining(["x-shop-version", "x-tenant", "content-type"]));
});
