import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { toHtml, toMarkdown } from "../../src/cli/privacy-page/page-block.ts";
import { privacyPageEn } from "../../src/cli/privacy-page/page-en.ts";
import { privacyPageZh } from "../../src/cli/privacy-page/page-zh.ts";
import { privacyFacts } from "../../src/cli/privacy-page/privacy-facts.ts";
import { readConfig } from "../../src/config/config.ts";
import { inFolder, run, useFolders } from "../support/backed-up-site.ts";

/** The privacy policy to begin with: what the settings say stands in it, what they don't is not. */
useFolders();
const vendors = {
  ...{ MAIL_URL: "directmail://id:secret@dm.aliyuncs.com", EMAIL_FROM: "shop <a@shop.example>" },
  ...{ SMS_URL: "twilio://AC1:secret@api.twilio.com?from=8613800138000", SIGN_UP_BY: "email,mobile" },
  ...{ CAPTCHA_URL: "turnstile://key:secret@challenges.cloudflare.com", AGE_GATE: "guardian" },
  ...{ GITHUB_CLIENT_ID: "id", GITHUB_CLIENT_SECRET: "secret", DELETION_GRACE_DAYS: "3" },
  AVATAR_STORE: "s3://id:secret@s3.eu-central-1.amazonaws.com/faces",
  ...{ HOOK_BEFORE_SESSION_URL: "https://crm.example/in", HOOK_CLAIMS_URL: "https://crm.example/claims" },
  HOOK_SECRET: `whsec_${Buffer.alloc(32).toString("base64")}`,
};
const factsOf = (env: Record<string, string> = {}) =>
  privacyFacts(readConfig({ DATA_DIR: "/nowhere", ...env }), Date.UTC(2026, 10, 30));

it("has what the settings name, and of nobody else", () => {
  const [all, few] = [toMarkdown(privacyPageZh(factsOf(vendors))), toMarkdown(privacyPageZh(factsOf()))];
  const named = [
    "阿里云计算有限公司",
    "Twilio",
    "Cloudflare",
    "GitHub",
    "手机号",
    "监护人的联系方式",
    "meiduo\\_oauth",
    "3 天内登录可以撤销",
    "s3.eu-central-1.amazonaws.com 的运营者",
    "crm.example 的运营者",
  ];
  for (const word of named) {
    expect(all).toContain(word);
    if (word !== "手机号") expect(few).not.toContain(word);
  }
  expect(all).toMatch(/境外的有：Twilio.*Cloudflare.*GitHub/);
  expect(all.match(/crm\.example/g), "once, however many hooks it has").toHaveLength(1);
  expect(few).toContain("7 天内登录可以撤销");
  expect(few).not.toContain("境外");
});

it("is the same in both languages, part by part and row by row", () => {
  const settings: Record<string, string>[] = [{}, vendors, { CONTRACT: "classic" }];
  for (const env of settings) {
    const shapes = [privacyPageZh, privacyPageEn].map((page) =>
      page(factsOf(env)).blocks.map((block) =>
        "table" in block
          ? [block.table.head.length, ...block.table.rows.map((row) => row.length)]
          : Object.keys(block),
      ),
    );
    expect(shapes[0]).toEqual(shapes[1]);
  }
});

it("names every cookie that the product sets", () => {
  const page = toMarkdown(privacyPageEn(factsOf({ ...vendors, SITE_SESSION: "cookie" }))).replaceAll(
    "\\",
    "",
  );
  const root = join(import.meta.dirname, "../../src");
  const cookies = globSync("**/*.ts", { cwd: root }).flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    const isCookie = text.includes("createHostCookie({") || file === "http/session-cookie.ts";
    return isCookie && !file.endsWith(".test.ts")
      ? [...text.matchAll(/"(meiduo_\w+)"/g)].map(([, name]) => name!)
      : [];
  });
  expect(cookies.toSorted()).toEqual(["meiduo_device", "meiduo_oauth", "meiduo_session", "meiduo_trusted"]);
  for (const name of cookies) expect(page).toContain(name);
});

describe("the command", () => {
  it("writes either form, says on the side what is left to fill in, and refuses another language", async () => {
    const env = { ...vendors, DATA_DIR: inFolder("data") };
    const markdown = await run(env, "privacy-page", "--language", "zh");
    expect([markdown.code, markdown.out.startsWith("# 美多商城账号隐私政策")]).toEqual([0, true]);
    expect(markdown.said).toMatch(/^\d+ places are left to fill in: 【/);
    const html = await run(env, "privacy-page", "--html");
    expect(html.out).toMatch(/^<!doctype html>\n<html lang="en">/);
    const json = JSON.parse((await run(env, "privacy-page", "--json")).out);
    expect(json.toFill.length).toBeGreaterThan(5);
    for (const place of json.toFill) expect(json.text).toContain(place);
    expect((await run(env, "privacy-page", "--language", "fr")).code).toBe(2);
  });

  it("takes a name that looks like markup as a name", () => {
    const facts = { ...factsOf(), name: { zh: "<b>|店", en: "<b>|shop" } };
    expect(toHtml(privacyPageEn(facts))).not.toContain("<b>");
    expect(toMarkdown(privacyPageEn(facts))).toContain("\\<b\\>\\|shop");
  });
});
