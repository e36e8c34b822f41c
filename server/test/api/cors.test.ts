import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
