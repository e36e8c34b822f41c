import { type Brand, withBrand } from "../brand/brand.ts";
import { tagOf } from "../words/language.ts";
import { ourWords, type Words } from "../words/words.ts";
import { type PageBrand, type SiteBrand, siteTitle } from "./page-brand.ts";

/**
 * The built index.html as this installation shows it. What the page's scripts need is in a block of data, which no browser
 * runs (so the Content-Security-Policy has nothing to allow) and which is there before the first paint: nothing flashes.
 */
export interface PageSettings {
  readonly brand: PageBrand;
  /** Where a log-in and the logo lead; null: the site's first page. */
  readonly home: string | null;
  /** As `PageParts`; not there at the root. */
  readonly base?: string;
}

export interface PageParts {
  readonly brand: Brand;
  readonly site: SiteBrand;
  /** The site's path, without a trailing slash; empty at the root. */
  readonly base: string;
  readonly words: Words;
  readonly settings: PageSettings;
}

/** `words`: in the language of readers who name none the page begins, until its scripts know better. */
export function pageParts({
  brand,
  site,
  home = null,
  base = "",
  words = ourWords,
}: Pick<PageParts, "brand" | "site"> &
  Partial<Pick<PageParts, "base" | "words">> &
  Partial<Pick<PageSettings, "home">>): PageParts {
  return { brand, site, base, words, settings: { brand: site.page, home, ...(base && { base }) } };
}

/** For search engines: what the site is, in those of the two languages that it is in; in none of them, its name. */
function description({ brand, words }: PageParts): string {
  const sentences = {
    zh: "{brand}：注册、登录和管理你的账号。",
    en: "Sign up, log in and look after your account at {brand}.",
  };
  const shown = (["zh", "en"] as const)
    .filter((language) => words.languages.includes(language))
    .map((language) => withBrand(sentences[language], brand, language));
  return shown.join("") || siteTitle(brand, words);
}

/** The built page where its files are below `base`: the build names them from the root. */
export function pageBelow(base: string, page: string): string {
  return page.replace(/(?<=<(?:script|link)\b[^>]* (?:src|href)=")\/(?!\/)/g, () => `${base}/`);
}

export const places: readonly (readonly [RegExp, (parts: PageParts) => string])[] = [
  [/(?<=<html lang=")[^"]*(?=")/, ({ words }) => tagOf(words.silent)],
  [/(?<=<title>)[^<]*(?=<\/title>)/, ({ brand, words }) => escapeHtml(siteTitle(brand, words))],
  [/(?<=<meta name="description" content=")[^"]*(?=")/, (parts) => escapeHtml(description(parts))],
  [
    /(?<=<script type="application\/json" id="page-settings">)[^<]*(?=<\/script>)/,
    ({ settings }) => dataBlock(settings),
  ],
  [/(?<=<main id="older"[^>]*>\s*<h1>)[^<]*(?=<\/h1>)/, ({ brand }) => escapeHtml(brand.name.zh)],
  [
    /<link rel="icon"[^>]*>/,
    ({ site: { icon }, base }) =>
      `<link rel="icon" href="${base}${icon.path}" type="${icon.type.split(";", 1)[0]}" /><link rel="manifest" href="${base}/manifest.webmanifest" />`,
  ],
  // After the site's own styles.
  [
    /(?=<\/head>)/,
    ({ site: { styles }, base }) => (styles ? `<link rel="stylesheet" href="${base}${styles.path}" />` : ""),
  ],
];

/** A page of another build has only some of the places, or none: it says what it says. */
export function brandedPage(page: string, parts: PageParts): string {
  return places.reduce((text, [place, wordsOf]) => text.replace(place, () => wordsOf(parts)), page);
}

/** `<` can't be in it as it is: it could end the block (attack: a name that is `</script>`; guard: branded-page.test.ts). */
function dataBlock(settings: PageSettings): string {
  return JSON.stringify(settings).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
