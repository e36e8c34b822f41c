import { expect, test } from "vitest";
import { readConfig } from "../../config/config.ts";
import { checkCookieSessions } from "./cookie-session-check.ts";

const shop = {
  PUBLIC_SITE_URL: "https://www.mall.com.cn",
  PUBLIC_API_URL: "https://api.mall.com.cn",
  CORS_ORIGIN_WHITELIST: "https://www.mall.com.cn,https://m.mall.com.cn:8443,https://other.com.cn",
};
const tutorial = {
  PUBLIC_SITE_URL: "http://www.meiduo.com:8080",
  PUBLIC_API_URL: "http://api.meiduo.com:8000",
  CORS_ORIGIN_WHITELIST: "http://www.meiduo.com:8080",
};
const check = (env: Record<string, string>) =>
  checkCookieSessions(readConfig({ DATA_DIR: "/nowhere", ...env }));

test("names the origins that can keep a session in a cookie: those of the API's site, and no public suffix is one", async () => {
  expect(await check(shop)).toMatchObject([
    {
      level: "ok",
      en: expect.stringMatching(/: https:\/\/www\.mall\.com\.cn, https:\/\/m\.mall\.com\.cn:8443\.$/),
    },
  ]);
  expect(await check({})).toMatchObject([
    { level: "ok", en: expect.stringContaining("http://127.0.0.1:8080") },
  ]);
});

test.each([
  ["plain http of the tutorial's hosts", tutorial, /keep no Secure cookie of plain http/, /明文 http/],
  [
    "another domain",
    { ...shop, PUBLIC_API_URL: "https://api.other.cn" },
    /not under one registrable/,
    /主域名/,
  ],
  [
    "a public suffix in common",
    { ...shop, PUBLIC_SITE_URL: "https://one.github.io", PUBLIC_API_URL: "https://two.github.io" },
    /not under one registrable/,
    /主域名/,
  ],
  ["a site of plain http", { ...shop, PUBLIC_SITE_URL: "http://www.mall.com.cn" }, /plain http/, /明文 http/],
  [
    "two names of this machine",
    { PUBLIC_SITE_URL: "http://localhost:8080", PUBLIC_API_URL: "http://127.0.0.1:8000" },
    /not under one registrable/,
    /主域名/,
  ],
  ["a state that is a path", { ...shop, OAUTH_STATE: "path" }, /set it to signed/, /signed/],
] as const)("with %s it says why, and refuses a site that is set to", async (_title, env, en, zh) => {
  const alone = { ...env, CORS_ORIGIN_WHITELIST: (env as Record<string, string>).PUBLIC_SITE_URL ?? "" };
  const [told] = await check(alone);
  expect(told).toMatchObject({ level: "ok", en: expect.stringMatching(en), zh: expect.stringMatching(zh) });
  const [refused] = await check({ ...alone, SITE_SESSION: "cookie" });
  expect(refused).toMatchObject({
    level: "fail",
    en: expect.stringMatching(en),
    zh: expect.stringMatching(zh),
  });
  expect(refused?.en).toContain("set SITE_SESSION=token");
});

test("an origin of RETURN_ORIGINS that no log-in can lead back to is named", async () => {
  const returns = { RETURN_ORIGINS: "https://m.mall.com.cn,https://other.com.cn" };
  const [told] = await check({ ...shop, ...returns, SITE_SESSION: "cookie" });
  expect(told).toMatchObject({
    level: "fail",
    en: expect.stringContaining("lists https://other.com.cn, which"),
  });
  expect(await check({ ...shop, ...returns })).toMatchObject([{ level: "ok" }]);
});
