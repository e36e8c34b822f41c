import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it } from "vitest";
import { readConfig } from "../config/config.ts";

const folder = mkdtempSync(join(tmpdir(), "meiduo-brand-"));
afterAll(() => rmSync(folder, { recursive: true }));

const svg = (root: string, inside = "") => `<svg xmlns="http://www.w3.org/2000/svg" ${root}>${inside}</svg>`;
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR4nGP4DwcMcBYDAwAR9gX7u0xPOQAAAABJRU5ErkJggg==",
  "base64",
);

beforeEach(() => {
  writeFileSync(join(folder, "wide.svg"), svg('viewBox="0 0 300 100"'));
  writeFileSync(join(folder, "square.svg"), svg('width="40px" height="40"'));
  writeFileSync(join(folder, "dot.png"), png);
});

function brandOf(file: unknown, env: Record<string, string> = {}) {
  writeFileSync(join(folder, "brand.json"), typeof file === "string" ? file : JSON.stringify(file));
  return readConfig({ DATA_DIR: folder, BRAND_DIR: folder, ...env }).brand;
}

it("reads all of a brand from its folder", () => {
  const brand = brandOf({
    name: { zh: "云起书店", en: "Yunqi Books", ja: "雲起書店" },
    short: { zh: "云起", en: "Yunqi" },
    operator: "云起文化有限公司",
    sender: "云起书店客服",
    logo: "wide.svg",
    logoDark: "dot.png",
    favicon: "square.svg",
    color: { light: "#06F", dark: "#78a9ff" },
    pageArt: false,
    termsUrl: "/legal/terms?v=2",
    privacyUrl: "https://www.yunqi.example/privacy",
    supportEmail: "help@yunqi.example",
  });
  expect(brand).toMatchObject({
    name: { zh: "云起书店", en: "Yunqi Books", ja: "雲起書店" },
    short: { zh: "云起", en: "Yunqi" },
    operator: { zh: "云起文化有限公司", en: "云起文化有限公司" },
    sender: "云起书店客服",
    isOwn: true,
    color: { light: "#0066ff", dark: "#78a9ff" },
    logo: {
      light: { type: "image/svg+xml", width: 300, height: 100 },
      dark: { type: "image/png", width: 3, height: 2 },
    },
    favicon: { width: 40, height: 40 },
    pageArt: false,
    nameBesideLogo: false,
    termsUrl: "/legal/terms?v=2",
    privacyUrl: "https://www.yunqi.example/privacy",
    supportEmail: "help@yunqi.example",
  });
});

it("a variable is stronger than the folder, and a name of a variable brings no short one along", () => {
  const file = {
    name: "Old",
    short: "O",
    logo: "wide.svg",
    logoDark: "dot.png",
    color: "#000",
    termsUrl: "/a",
  };
  const brand = brandOf(file, {
    BRAND_NAME: "新",
    BRAND_LOGO: join(folder, "square.svg"),
    BRAND_COLOR: "#fff",
    TERMS_URL: "/b",
  });
  expect(brand).toMatchObject({
    name: { zh: "新", en: "Old" },
    short: { zh: "新", en: "Old" },
    termsUrl: "/b",
  });
  expect(brand.color).toEqual({ light: "#ffffff", dark: "#ffffff" });
  // A dark logo belongs to the light one of the same folder. Beside a square the name is written.
  expect([brand.logo?.dark.width, brand.nameBesideLogo]).toEqual([40, true]);
});

it.each([
  ["{", /^BRAND_DIR has a .*brand\.json that is no JSON object/],
  ["[]", /^BRAND_DIR has a .*brand\.json that is no JSON object/],
  [{ nmae: "A" }, /^BRAND_DIR has "nmae" in brand\.json, which knows only name, short, .*supportEmail/],
  [{ name: { ja: "雲" } }, /wrong "name" in brand\.json: it must have a name for zh or en/],
  [{ name: { "zh<": "雲" } }, /wrong "name" in brand\.json: it "zh<" is no language/],
  [{ name: 7 }, /wrong "name" in brand\.json: it must be one line of text/],
  [{ color: "blue" }, /wrong "color" in brand\.json: it must be a colour such as #0f62fe/],
  [{ color: { light: "#fff" } }, /wrong "color" in brand\.json/],
  [{ pageArt: "no" }, /wrong "pageArt" in brand\.json: it must be true or false/],
  [{ logo: "none.svg" }, /wrong "logo" in brand\.json: it can't be read .*none\.svg/],
  [{ logo: "../secret.svg" }, /wrong "logo" in brand\.json: it must name a file of the folder/],
  [{ logo: "/etc/passwd" }, /wrong "logo" in brand\.json: it must name a file of the folder/],
  [{ favicon: "brand.json" }, /wrong "favicon" in brand\.json: it names .*neither an SVG/],
  [{ termsUrl: "javascript:alert(1)" }, /wrong "termsUrl" in brand\.json: it must be an absolute http/],
  [{ termsUrl: "//evil.example" }, /wrong "termsUrl" in brand\.json: it must be an absolute http/],
  [
    { privacyUrl: "https://a:b@c.example" },
    /wrong "privacyUrl" in brand\.json: it must not hold a user name/,
  ],
  [{ supportEmail: "me" }, /wrong "supportEmail" in brand\.json: it must be one address/],
])("refuses %j in a sentence", (file, sentence) => {
  expect(() => brandOf(file)).toThrow(sentence);
});

it.each([
  ["plain text", "neither an SVG"],
  ["<html><svg/></html>", "neither an SVG"],
  ["<svg viewBox='0 0 1 1'/>", "neither an SVG"],
  [svg(""), "which has no size"],
  [svg('viewBox="0 0 0 10"'), "which has no size"],
  [svg('viewBox="0 0 1 1"', "x".repeat(201 * 1024)), "larger than 200 KB"],
])("refuses the logo %.40s", (content, sentence) => {
  const file = join(folder, "logo.svg");
  writeFileSync(file, content);
  expect(() => readConfig({ DATA_DIR: folder, BRAND_LOGO: file })).toThrow(sentence);
});

it("says so where the folder or a logo isn't there", () => {
  const away = join(folder, "away");
  expect(() => readConfig({ DATA_DIR: folder, BRAND_DIR: away })).toThrow(/^BRAND_DIR can't be read/);
  expect(() => readConfig({ DATA_DIR: folder, BRAND_LOGO: folder })).toThrow(/^BRAND_LOGO can't be read/);
});
