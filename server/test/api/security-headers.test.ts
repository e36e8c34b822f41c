import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

describe("what every answer of the API tells browsers", () => {
  let test: TestApp;
  let secure: TestApp;
  beforeAll(async () => {
    test = await startTestApp();
    secure = await startTestApp({ env: { PUBLIC_API_URL: "https://api.example.com" } });
  });
  afterAll(async () => {
    await test.close();
    await secure.close();
  });

  it.each([
    ["an answer", "GET", "/users/usernames/python/count/", 200],
    ["a refusal", "GET", "/user/", 401],
    ["an unknown path", "GET", "/nowhere/", 404],
    ["a wrong method", "DELETE", "/users/", 405],
    ["a log-in", "POST", "/users/authorizations/", 400],
  ] as const)(
    "%s runs nothing, is in no frame, is not guessed at, kept or told of",
    async (_, method, url, status) => {
      const answer = await test.anonymous({ method, url });
      expect(answer.statusCode).toBe(status);
      expect(answer.headers).toMatchObject({
        "content-security-policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
      });
      expect(answer.headers).not.toHaveProperty("strict-transport-security");
      expect(answer.headers).not.toHaveProperty("server");
      expect(answer.headers).not.toHaveProperty("x-powered-by");
    },
  );

  it("behind https browsers are told to stay there", async () => {
    const answer = await secure.anonymous({ url: "/test/" });
    expect(answer.headers["strict-transport-security"]).toBe("max-age=31536000");
  });

  it("the documentation page keeps a policy of its own, under which it works, without foreign origins", async () => {
    const answer = await test.anonymous({ url: "/docs/" });
    expect(answer.statusCode).toBe(200);
    const policy = String(answer.headers["content-security-policy"]);
    expect(policy).toMatch(/script-src 'self'/);
    expect(policy).not.toMatch(/script-src[^;]*'unsafe-inline'/);
    expect(answer.body).not.toMatch(/(?:src|href)="https?:/);
  });
});

it("the pages of the API work where the API is below a path", async () => {
  const below = await startTestApp({
    env: { PUBLIC_API_URL: "https://www.example.com/api", PUBLIC_SITE_URL: "https://www.example.com" },
  });
  try {
    const page = await below.anonymous({ url: "/docs/", headers: { host: "www.example.com" } });
    expect(page.statusCode).toBe(200);
    const links = [...page.body.matchAll(/(?:href|src)="([^"]+\.(?:css|js))"/g)].map(([, link]) => link);
    expect(links.length).toBeGreaterThan(2);
    for (const link of links)
      expect(new URL(link!, "https://www.example.com/api/docs/").pathname).toMatch(/^\/api\//);
  } finally {
    await below.close();
  }
});
