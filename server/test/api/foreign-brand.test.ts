/**
 * Where an installation has a name of its own, nobody it speaks to reads ours. Checked over the lists that there are: every
 * mail, every text, every answer of the site, and every file of the product that could hold a text.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Fastify from "fastify";
import { afterAll, beforeAll, expect, it } from "vitest";
import { brandPreviewRoutes } from "../../../sandbox/brand-preview.ts";
import { mailboxRoutes } from "../../../sandbox/mailbox.ts";
import { pagePreviewRoutes } from "../../../sandbox/page-preview.ts";
import { pageStates } from "../../../sandbox/page-states.ts";
import { en } from "../../../web/src/texts/en.ts";
import { zhCN } from "../../../web/src/texts/zh-cn.ts";
import type { MailKind } from "../../src/engines/mail/templates/mail-values.ts";
import { createMailRenderer } from "../../src/engines/mail/templates/render-mail.ts";
import { sampleValues } from "../../src/engines/mail/templates/sample-values.ts";
import { buildSiteApart, siteDir } from "../../src/site/build-site.ts";
import { createSite } from "../../src/site/site.ts";
import { builtInTexts, shippedTexts } from "../../src/words/built-in.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";

const ours = /美多|Meiduo/;
const root = join(import.meta.dirname, "../../..");
const mailSamples = sampleValues("https://www.yunqi.example", Date.UTC(2026, 10, 22));
const page = readFileSync(join(root, "web/index.html"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "meiduo-foreign-"));
let test: TestApp;

beforeAll(async () => {
  await buildSiteApart();
  const names = { zh: "云起书店", en: "Yunqi Books", ja: "雲起書店" };
  writeFileSync(join(folder, "brand.json"), JSON.stringify({ name: names, operator: "云起文化有限公司" }));
  test = await startTestApp({
    env: {
      BRAND_DIR: folder,
      BRAND_NAME: "云起书店",
      BRAND_NAME_EN: "Yunqi Books",
      BRAND_COLOR: "#3d2bd1",
      SUPPORT_EMAIL: "help@yunqi.example",
    },
  });
});
afterAll(async () => {
  await test?.close();
  rmSync(folder, { recursive: true });
});

it.each(Object.keys(mailSamples) as MailKind[])(
  "the mail %s names the operator, in every language",
  (kind) => {
    const renderMail = createMailRenderer(test.config);
    for (const language of ["zh", "en", "zh-Hant", "ja", "unknown"] as const) {
      const mail = renderMail(kind, language as "zh", mailSamples[kind]);
      expect(JSON.stringify(mail), language).not.toMatch(ours);
      expect(mail.subject, language).toMatch(/云起书店|Yunqi Books|雲起書店/);
      expect(mail.html, language).toContain("help@yunqi.example");
      expect(mail.html, language).toContain("#3d2bd1");
    }
  },
);

it("no text of the API or the site has a name in it", () => {
  expect(builtInTexts.size).toBeGreaterThan(30);
  for (const [key, texts] of builtInTexts) expect(JSON.stringify(texts), key).not.toMatch(ours);
  for (const [language, texts] of shippedTexts) {
    for (const [key, words] of texts) expect(words, `${language} ${key}`).not.toMatch(ours);
  }
  expect(JSON.stringify([zhCN, en])).not.toMatch(ours);
});

it("the API's description and its page have the operator's name", async () => {
  const description = await test.anonymous({ url: "/docs/json" });
  expect(description.json().info.title).toBe("Yunqi Books Accounts");
  expect(description.body).not.toMatch(ours);
  const shown = await test.anonymous({ url: "/docs/static/index.html" });
  const start = await test.anonymous({ url: "/docs/" });
  for (const answer of [shown, start]) expect(answer.body, answer.body.slice(0, 80)).not.toMatch(ours);
  const mailbox = Fastify();
  mailboxRoutes(mailbox, { db: test.app.db, isOpen: true, brand: test.config.brand });
  const { body } = await mailbox.inject({ url: "/sandbox/mailbox/" });
  expect(body).toContain("云起书店账号</title>");
  expect(body).not.toMatch(ours);
  await mailbox.close();
});

it.each([
  ...[
    "yunqibooks",
    "YunqiBooks88",
    "YUNQI-BOOKS",
    "ｙｕｎｑｉ．ｂｏｏｋｓ",
    "yunq1b00ks",
    "yunqi_books_official",
  ],
  ...["云起书店01", "云-起-书-店", "Ｙúnqibooks", "雲起書店1", "云起文化有限公司"],
])("the user name %s speaks for the operator, and nobody can choose it", async (name) => {
  const answer = await test.anonymous({ url: `/users/usernames/${encodeURIComponent(name)}/count/` });
  expect(answer.statusCode, answer.body).toBe(400);
  expect(answer.json().username[0]).toMatch(/保留/);
});

it.each(["yunqibooks_fan", "云起书店小王", "meiduo", "美多商城01"])(
  "the user name %s doesn't, and is free",
  async (name) => {
    const answer = await test.anonymous({ url: `/users/usernames/${encodeURIComponent(name)}/count/` });
    expect(answer.json()).toEqual({ username: name, count: 0 });
  },
);

const previewed = () => {
  const { words, brand, publicSiteUrl: siteUrl } = test.config;
  return { words, brand, siteUrl, renderMail: test.app.renderMail };
};

it("the preview shows every mail and page by day and by night, on both screens, and runs nothing", async () => {
  const api = Fastify();
  brandPreviewRoutes(api, { ...previewed(), isOpen: true });
  for (const tag of ["zh-Hans", "en", "zh-Hant", "ja"]) {
    const { body, headers } = await api.inject({ url: `/sandbox/brand/?language=${tag}` });
    const kinds = Object.keys(mailSamples);
    expect(body).toContain(`<html lang="${tag}">`);
    expect(body.match(/ sandbox srcdoc=/g)).toHaveLength(kinds.length * 4);
    for (const kind of kinds) expect(body).toContain(`<h2>${kind} `);
    // Two of each are for the night, whatever the reader's own theme.
    expect(body.match(/@media all\{/g)).toHaveLength(kinds.length * 2);
    expect(body.match(/@media not all\{/g)).toHaveLength(kinds.length * 2);
    for (const { name } of pageStates) {
      const address = new URL(`/sandbox/brand/page/${name}?language=${tag}`, test.config.publicSiteUrl).href;
      expect(body.split(`src="${address}&#38;theme=`)).toHaveLength(5);
    }
    expect(body).not.toMatch(ours);
    expect(body).not.toContain("<script");
    expect(headers["content-security-policy"]).toContain("default-src 'none'; style-src 'unsafe-inline'");
  }
  await api.close();
});

it("the preview is this machine's alone", async () => {
  const closed = Fastify();
  brandPreviewRoutes(closed, { ...previewed(), isOpen: false });
  const site = await openSite();
  pagePreviewRoutes(site, {
    siteUrl: "http://www.example.com",
    apiOrigin: "http://127.0.0.1:8000",
    isOpen: false,
  });
  const visitor = { headers: { "x-forwarded-for": "203.0.113.7" } };
  expect((await closed.inject({ url: "/sandbox/brand/", ...visitor })).statusCode).not.toBe(200);
  for (const path of ["page/log-in", "config/log-in", "api/home/user/", "page-state.js"]) {
    const url = `/sandbox/brand/${path}`;
    expect([path, (await site.inject({ url })).statusCode]).toEqual([path, 200]);
    expect([path, (await site.inject({ url, ...visitor })).statusCode]).toEqual([path, 403]);
  }
  await closed.close();
  await site.close();
});

it("a previewed page is the site's, may stand in the API's page alone, and gets the answers of its state", async () => {
  const site = await openSite("cookie");
  pagePreviewRoutes(site, {
    siteUrl: "http://www.example.com",
    apiOrigin: "http://127.0.0.1:8000",
    isOpen: true,
  });
  const get = (url: string, headers = {}) => site.inject({ url: `/sandbox/brand/${url}`, headers });
  const shown = await get("page/devices?language=ja&theme=dark");
  expect(shown.body).toContain("<title>云起书店账号</title>");
  expect(shown.body.indexOf("page-state.js")).toBeLessThan(shown.body.indexOf("early.js"));
  expect(shown.body).toContain('"local":{"meiduo.language":"ja","meiduo.theme":"dark"}');
  expect(shown.headers["content-security-policy"]).toContain("frame-ancestors 'self' http://127.0.0.1:8000;");
  expect(shown.headers["x-frame-options"]).toBeUndefined();
  const real = await site.inject({ url: "/account/devices" });
  expect(real.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
  expect(real.body).not.toContain("page-state");

  const config = (await get("config/sign-up-closed")).json();
  expect(config).toMatchObject({
    session: "token",
    signUp: { mode: "closed" },
    brand: { name: { zh: "云起书店" } },
  });
  expect(config.apiUrl).toMatch(/\/sandbox\/brand\/api\/sign-up-closed$/);
  expect((await get("api/devices/user/sessions/")).json().sessions).toHaveLength(3);
  const refused = await site.inject({
    ...{ method: "POST", url: "/sandbox/brand/api/log-in-refused/users/authorizations/" },
    headers: { "accept-language": "ja", accept: "application/problem+json" },
  });
  expect([refused.statusCode, refused.json().title]).toEqual([400, "入力された情報ではログインできません。"]);
  expect((await get("page/nowhere")).statusCode).toBe(404);
  expect((await get("api/home/nowhere/")).statusCode).toBe(404);
  await site.close();
});

function openSite(session: "token" | "cookie" = "token") {
  const { publicApiUrl, publicSiteUrl, brand } = test.config;
  return createSite({
    session,
    ...{ distDir: siteDir, publicApiUrl, publicSiteUrl, brand },
    providers: test.app.providers,
  });
}

it("nothing the site answers has another name", async () => {
  const site = await openSite();
  const own = await site.inject({ url: "/login" });
  expect(own.body).toContain("<title>云起书店账号</title>");
  const linked = [...own.body.matchAll(/(?:href|src)="(\/[^"]+)"/g)].map(([, path]) => path!);
  const marks = test.app.providers.map(({ name }) => `/provider-marks/${name}.svg`);
  const paths = [
    "/",
    "/account",
    "/nowhere",
    "/config.json",
    "/manifest.webmanifest",
    "/favicon.svg",
    "/photo.png",
  ];
  for (const url of [...paths, ...linked, ...marks]) {
    const answer = await site.inject({ url });
    expect(answer.body, url).not.toMatch(ours);
    expect(JSON.stringify(answer.headers), url).not.toMatch(ours);
  }
  expect((await site.inject({ url: "/", headers: { host: "evil.example" } })).body).not.toMatch(ours);
  await site.close();
});

/** Where the name may be written, and why; everywhere else a text would show it to an operator's customers. */
const mayHoldIt: Readonly<Record<string, string>> = {
  "server/src/brand/brand.ts": "the default brand",
  "server/src/brand/settings.ts": "what the variable is by default, for the documentation",
  "server/src/engines/mail/smtp-url.ts": "the default sender, which an own brand replaces",
  "server/src/errors/setting-problem.ts": "an example for the operator at the terminal",
  "server/src/cli/run/start.ts": "tells the operator at the terminal which program is ready",
  "web/index.html": "the default page, whose places the server fills",
  "web/public/favicon.svg": "the default icon, which the server never answers",
};

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

it("no file of the product holds the name, but those that have a reason to", () => {
  const folders = ["server/src", "web/src", "web/public", "sandbox"];
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.test\.ts$|\.md$/.test(entry.name))
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(root.length + 1)
          .replaceAll("\\", "/"),
      ),
  );
  expect(files.length).toBeGreaterThan(200);
  const holding = [...files, "web/index.html"].filter((file) =>
    ours.test(withoutComments(readFileSync(join(root, file), "utf8"))),
  );
  expect(holding.toSorted()).toEqual(Object.keys(mayHoldIt).toSorted());
  expect(page).toMatch(ours);
});
