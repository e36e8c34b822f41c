import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Brand, defaultBrand } from "../brand/brand.ts";
import type { Picture } from "../brand/picture.ts";
import { createSite } from "./site.ts";

const folder = mkdtempSync(join(tmpdir(), "meiduo-site-"));
const sites: FastifyInstance[] = [];
afterAll(async () => {
  for (const site of sites) await site.close();
  rmSync(folder, { recursive: true });
});
beforeAll(() => {
  const page = readFileSync(new URL("../../../web/index.html", import.meta.url), "utf8");
  writeFileSync(join(folder, "index.html"), page);
  writeFileSync(join(folder, "favicon.svg"), "<svg>美多</svg>");
});

const names = { zh: "云起书店", en: "Yunqi & <Books>" };
const own: Brand = { ...defaultBrand, name: names, short: names, operator: names, isOwn: true };
const picture = (content: string): Picture => ({
  ...{ type: "image/svg+xml", content: Buffer.from(content), width: 4, height: 1 },
});

async function siteOf(brand: Brand): Promise<FastifyInstance> {
  const addresses = { publicApiUrl: "https://api.example.com", publicSiteUrl: "https://www.example.com" };
  const site = await createSite({ distDir: folder, ...addresses, brand });
  sites.push(site);
  return site;
}

async function get(site: FastifyInstance, url: string) {
  return site.inject({ url, headers: { host: "www.example.com" } });
}

const found = (page: string, pattern: RegExp) => pattern.exec(page)?.[1] ?? "";

it("the page names icon, manifest and colours, and each is answered", async () => {
  const site = await siteOf({ ...own, color: { light: "#0f62fe", dark: "#78a9ff" } });
  const { body: page } = await get(site, "/login");
  const icon = await get(site, found(page, /<link rel="icon" href="([^"]+)" type="image\/svg\+xml"/));
  expect([icon.statusCode, icon.headers["content-type"]]).toEqual([200, "image/svg+xml; charset=utf-8"]);
  expect(icon.body).toContain('fill="#0f62fe"');
  expect(icon.body).toContain("云");
  const styles = await get(site, found(page, /<link rel="stylesheet" href="([^"]+)" \/><\/head>/));
  expect(styles.headers["content-type"]).toBe("text/css; charset=utf-8");
  expect(styles.headers["cache-control"]).toContain("immutable");
  expect(styles.body).toContain("--leaf:#0f62fe");
  const manifest = await get(site, found(page, /<link rel="manifest" href="([^"]+)"/));
  expect(manifest.json()).toMatchObject({ name: "云起书店账号", short_name: "云起书店", start_url: "/" });
  expect(page).toContain("<title>云起书店账号</title>");
});

it("without a colour there is nothing to load for it, and the old icon's address leads to the brand's", async () => {
  const site = await siteOf(own);
  expect((await get(site, "/")).body).not.toMatch(/rel="stylesheet" href="\/brand/);
  for (const path of ["/favicon.svg", "/favicon.ico"]) {
    const answer = await get(site, path);
    expect([answer.statusCode, answer.headers.location]).toEqual([
      302,
      expect.stringMatching(/^\/brand\/icon-/),
    ]);
  }
});

it("a logo is answered under a policy that runs and loads nothing, and told with its size", async () => {
  const content = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 1"><script>alert(1)</script></svg>';
  const site = await siteOf({
    ...own,
    logo: { light: picture(content), dark: picture("dark") },
    favicon: picture("i"),
  });
  const { brand } = (await get(site, "/config.json")).json();
  expect(brand.logo.light).toEqual({
    address: expect.stringMatching(/^\/brand\/logo-\w+\.svg$/),
    width: 4,
    height: 1,
  });
  expect(brand.logo.dark.address).not.toBe(brand.logo.light.address);
  const answer = await get(site, brand.logo.light.address);
  expect(answer.body).toBe(content);
  const policy = answer.headers["content-security-policy"];
  for (const part of ["default-src 'none'", "sandbox;", "frame-ancestors 'none'"])
    expect(policy).toContain(part);
  expect(policy).not.toContain("script");
  expect(answer.headers["x-content-type-options"]).toBe("nosniff");
});
