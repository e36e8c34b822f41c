import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { captchaPage } from "../captcha/captcha-page.ts";
import { parseCaptchaUrl } from "../captcha/captcha-url.ts";
import { createSite } from "./site.ts";

/** Where the vendor's script may run, and where it may not. */
const dist = mkdtempSync(join(tmpdir(), "meiduo-captcha-"));
const vendors = {
  turnstile: ["turnstile://k:secret01@challenges.cloudflare.com", "https://challenges.cloudflare.com"],
  hcaptcha: ["hcaptcha://k:secret01@api.hcaptcha.com", "https://*.hcaptcha.com"],
  geetest: ["geetest://k:secret01@gcaptcha4.geetest.com", "https://*.geetest.com"],
  tencent: [
    "tencent://k:secret01@captcha.tencentcloudapi.com?app=19&key=secret0102",
    "https://*.captcha.qcloud.com",
  ],
  aliyun: ["aliyun://k:secret01@captcha.cn-shanghai.aliyuncs.com?scene=s&prefix=p", "https://*.alicdn.com"],
} as const;

beforeAll(() => {
  writeFileSync(join(dist, "index.html"), "<!doctype html><title>x</title>");
  writeFileSync(
    join(dist, "captcha.html"),
    '<script type="application/json" id="captcha">{}</script><script src="/assets/captcha-1.js"></script>',
  );
});
afterAll(() => rmSync(dist, { recursive: true }));

async function open(url: string, publicSiteUrl = "https://www.example.com") {
  const site = await createSite({
    ...{ distDir: dist, publicApiUrl: "https://api.example.com", publicSiteUrl },
    captcha: captchaPage(parseCaptchaUrl(url)),
  });
  const ask = (path: string) => site.inject({ url: path, headers: { host: "www.example.com" } });
  return { ask, close: () => site.close() };
}

const policyOf = (headers: object) => String((headers as Record<string, string>)["content-security-policy"]);

it.each(Object.entries(vendors))("%s runs in its frame alone", async (kind, [url, source]) => {
  const { ask, close } = await open(url);
  const page = await ask("/login");
  expect(policyOf(page.headers)).toContain("script-src 'self';");
  expect(policyOf(page.headers)).toContain("frame-src 'self';");
  expect(policyOf(page.headers)).not.toContain(source);
  expect(page.headers["x-frame-options"]).toBe("DENY");
  expect((await ask("/config.json")).json().captcha).toBe(kind);

  const frame = await ask("/captcha-frame");
  const policy = policyOf(frame.headers);
  const sources = [...policy.matchAll(/https:\/\/[^\s;]+/g)].map(([one]) => one);
  expect(policy).toMatch(new RegExp(`script-src 'self' [^;]*${source.replaceAll(/[.*]/g, "\\$&")}`));
  expect(policy).toContain("frame-ancestors 'self'");
  expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe|\s\*/);
  const facts = JSON.parse(/id="captcha">([^<]*)</.exec(frame.payload)![1]!);
  expect(facts.kind).toBe(kind);
  // The script is among what the policy allows, and no secret is in the page.
  const { origin } = new URL(facts.script);
  const isAllowed = sources.some((one) => new RegExp(`^${one.replace("*", ".*")}$`).test(origin));
  expect([origin, isAllowed]).toEqual([origin, true]);
  expect(frame.payload).not.toContain("secret");
  await close();
});

it.each(["altcha", "none"])("%s has no frame, and opens nothing", async (url) => {
  const { ask, close } = await open(url);
  expect((await ask("/captcha-frame")).statusCode).toBe(404);
  expect(policyOf((await ask("/")).headers)).not.toContain("frame-src");
  expect((await ask("/config.json")).json().captcha).toBeNull();
  await close();
});

it("is found below the site's path", async () => {
  const { ask, close } = await open(vendors.turnstile[0], "https://www.example.com/members");
  const frame = await ask("/members/captcha-frame");
  expect([frame.statusCode, frame.payload.includes('src="/members/assets/captcha-1.js"')]).toEqual([
    200,
    true,
  ]);
  await close();
});
