import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

const env = {
  PUBLIC_SITE_URL: "https://shop.example/account",
  PUBLIC_API_URL: "https://shop.example/account-api",
};
let strips: TestApp;
let keeps: TestApp;
beforeAll(async () => {
  strips = await startTestApp({ env });
  keeps = await startTestApp({ env: { ...env, PROXY_KEEPS_PATH: "true" } });
});
afterAll(async () => {
  await strips.close();
  await keeps.close();
});

const headers = { host: "shop.example" };
const status = async (test: TestApp, url: string, method: "GET" | "DELETE" | "HEAD" = "GET") =>
  (await test.anonymous({ method, url, headers })).statusCode;

it("answers with the path where the proxy keeps it, as without it", async () => {
  for (const prefix of ["/account-api", ""]) {
    expect(await status(keeps, `${prefix}/users/usernames/python01/count/`)).toBe(200);
    expect(await status(keeps, `${prefix}/users/usernames/python01/count/?x=/account-api/`)).toBe(200);
    expect(await status(keeps, `${prefix}/user/`)).toBe(401);
    expect(await status(keeps, `${prefix}/admin/users/`)).toBe(401);
    expect(await status(keeps, `${prefix}/users/`, "DELETE")).toBe(405);
    expect(await status(keeps, `${prefix}/sandbox/nowhere/`)).toBe(404);
    expect(await status(keeps, `${prefix}/healthz`)).toBe(200);
  }
  const answer = await keeps.anonymous({ url: "/account-api/.well-known/change-password", headers });
  expect(answer.headers.location).toBe("https://shop.example/account/account/password");
});

it("has no second way to a path where the proxy takes it off, or twice: a rule of the proxy's holds", async () => {
  for (const url of ["/account-api/admin/users/", "/account-api/users/usernames/python01/count/"])
    expect(await status(strips, url)).toBe(404);
  expect(await status(strips, "/users/usernames/python01/count/")).toBe(200);
  for (const url of ["/account-api/account-api/user/", "/account-apix/user/", "/%61ccount-api/user/"])
    expect(await status(keeps, url)).toBe(404);
});

it("its own pages name their files with the path, which are answered with it", async () => {
  const page = await keeps.anonymous({ url: "/account-api/docs/", headers });
  expect(page.statusCode).toBe(200);
  const links = [...page.body.matchAll(/(?:href|src)="([^"]+\.(?:css|js))"/g)].map(([, link]) => link!);
  expect(links.length).toBeGreaterThan(2);
  for (const link of links) {
    const { pathname } = new URL(link, "https://shop.example/account-api/docs/");
    expect(pathname).toMatch(/^\/account-api\//);
    expect([pathname, await status(keeps, pathname)]).toEqual([pathname, 200]);
  }
});

it("the cookie that ties a log-in to its browser is the whole host's, as its name demands", async () => {
  const answer = await keeps.anonymous({ url: "/account-api/oauth/providers/", headers });
  expect(answer.headers["set-cookie"]).toMatch(/^__Host-meiduo_oauth=[\w-]+.*; Path=\/;/);
});
