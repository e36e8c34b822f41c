import { expect, it } from "vitest";
import { readConfig } from "../config/config.ts";
import { defaultBrand, nameIn, withBrand } from "./brand.ts";

const brandOf = (env: Record<string, string>) => readConfig({ DATA_DIR: "/nowhere", ...env }).brand;

it("is 美多 until it has a name, and one name serves both languages", () => {
  expect(brandOf({})).toEqual(defaultBrand);
  expect(brandOf({ BRAND_NAME: "云起书店" }).name).toEqual({ zh: "云起书店", en: "云起书店" });
  expect(brandOf({ BRAND_NAME: "云起书店", BRAND_NAME_EN: "Yunqi Books" }).name).toEqual({
    zh: "云起书店",
    en: "Yunqi Books",
  });
  expect(brandOf({ BRAND_NAME_EN: "Acme" }).short).toEqual({ zh: "Acme", en: "Acme" });
});

it("sends in its name, unless EMAIL_FROM has a name of its own", () => {
  const senderOf = (env: Record<string, string>) => readConfig({ DATA_DIR: "/nowhere", ...env }).emailFrom;
  const own = { BRAND_NAME: "云起, 书店" };
  expect(senderOf({ EMAIL_FROM: "a@b.example" })).toBe("a@b.example");
  expect(senderOf({ ...own, EMAIL_FROM: "a@b.example" })).toBe('"云起, 书店" <a@b.example>');
  expect(senderOf({ ...own, EMAIL_FROM: "Post <a@b.example>" })).toBe("Post <a@b.example>");
  expect(senderOf(own)).toBe('"云起, 书店" <no-reply@meiduo.example>');
});

it("fills the name of the language into a text, and nothing else", () => {
  const brand = { ...defaultBrand, name: { zh: "甲", en: "A", ja: "亜" } };
  expect(["zh", "zh-Hant", "en", "fr", "ja"].map((language) => nameIn(brand.name, language))).toEqual([
    ...["甲", "甲", "A", "A", "亜"],
  ]);
  expect(withBrand("{brand} {brandShort} {brands} {code}", brand, "en")).toBe("A Meiduo {brands} {code}");
});

it.each([
  ["a".repeat(41), "is too long: use at most 40 characters"],
  ["Shop\u202Eevil", "must be one line"],
  ["</script>", "must be one line of text"],
  ["{brand}", "must be one line"],
])("refuses the name %j", (BRAND_NAME, sentence) => {
  expect(() => brandOf({ BRAND_NAME })).toThrow(`BRAND_NAME ${sentence}`);
});
