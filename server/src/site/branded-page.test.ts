import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { type Brand, defaultBrand } from "../brand/brand.ts";
import { createWords } from "../words/words.ts";
import { brandedPage as fillPage, pageParts, places } from "./branded-page.ts";
import { manifestOf, siteBrand } from "./page-brand.ts";

const brandedPage = (text: string, brand: Brand) =>
  fillPage(text, pageParts({ brand, site: siteBrand(brand) }));

const page = readFileSync(new URL("../../../web/index.html", import.meta.url), "utf8");
function named(name: string): Brand {
  const names = { zh: name, en: name };
  return { ...defaultBrand, isOwn: true, name: names, short: names, operator: names, sender: name };
}

it("finds every place in the site's page", () => {
  for (const [place] of places) expect(page).toMatch(place);
  expect(brandedPage(page, defaultBrand)).toContain("<title>美多账号</title>");
});

it("leaves no other name in the page", () => {
  expect(brandedPage(page, named("Acme"))).not.toMatch(/美多|Meiduo/);
  expect(brandedPage(page, named("Acme"))).toContain("<title>Acme账号</title>");
});

it.each([
  ["ja", "Yunqi アカウント", "Yunqi アカウント"],
  ["en", "Yunqi Account", "Sign up, log in and look after your account at Yunqi."],
  ["zh-Hant", "云起帳號", "云起帳號"],
])("begins in the language that the site is in, where that is one: %s", (language, title, about) => {
  const brand = { ...named("Yunqi"), short: { zh: "云起", en: "Yunqi" } };
  const words = createWords({ languages: [language] });
  const begun = fillPage(page, pageParts({ brand, site: siteBrand(brand), words }));
  expect(begun).toContain(`<html lang="${language}">`);
  expect(begun).toContain(`<title>${title}</title>`);
  expect(begun).toContain(`<meta name="description" content="${about}"`);
  const manifest = JSON.parse(manifestOf(brand, siteBrand(brand).icon, "", words));
  expect(manifest).toMatchObject({ name: title, lang: language });
});

it("lets no name out of its place", () => {
  const hostile = brandedPage(page, named(`</script><script>alert(1)</script>"'&$&`));
  expect(hostile).not.toContain("alert(1)</script>");
  expect(hostile.match(/<script/g)).toHaveLength(page.match(/<script/g)!.length);
  const block = /id="page-settings">([^<]*)</.exec(hostile)![1]!;
  expect(JSON.parse(block).brand.name.en).toBe(`</script><script>alert(1)</script>"'&$&`);
});
