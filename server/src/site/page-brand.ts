import { createHash } from "node:crypto";
import { type Brand, type Names, nameIn, sealOf, withBrand } from "../brand/brand.ts";
import { readableOn } from "../brand/contrast.ts";
import { siteStyles } from "../brand/palette.ts";
import type { Picture } from "../brand/picture.ts";
import { tagOf } from "../words/language.ts";
import type { Words } from "../words/words.ts";

/** The brand as pages get it, in the page itself and in /config.json. */
export interface PageBrand {
  readonly name: Names;
  readonly short: Names;
  readonly operator: Names;
  readonly isOwn: boolean;
  readonly logo: { readonly light: PictureAddress; readonly dark: PictureAddress } | null;
  readonly nameBesideLogo: boolean;
  readonly pageArt: boolean;
  readonly termsUrl: string | null;
  readonly privacyUrl: string | null;
  readonly supportEmail: string | null;
}

export interface PictureAddress {
  readonly address: string;
  readonly width: number;
  readonly height: number;
}

/** A file of the brand, and where the site answers it. Its name changes with its content, so it can be kept for ever. */
export interface BrandFileAnswer {
  readonly path: string;
  readonly type: string;
  readonly content: string | Buffer;
}

export interface SiteBrand {
  readonly page: PageBrand;
  readonly icon: BrandFileAnswer;
  /** Null: nothing differs from the site's own colours. */
  readonly styles: BrandFileAnswer | null;
  readonly files: readonly BrandFileAnswer[];
}

const sealRed = "#b5351c";

/** What the site makes of the brand. `base` stands before every address: the site's path, without a trailing slash. */
export function siteBrand(brand: Brand, base = ""): SiteBrand {
  const { name, short, operator, isOwn, nameBesideLogo, pageArt } = brand;
  const { termsUrl, privacyUrl, supportEmail } = brand;
  const icon = iconOf(brand);
  const styles = brand.color && fileOf("colors", "text/css; charset=utf-8", siteStyles(brand.color));
  const light = brand.logo && pictureFile("logo", brand.logo.light);
  const dark = brand.logo && pictureFile("logo", brand.logo.dark);
  const files = [icon, styles, light, dark].filter((file) => file !== null);
  const addressOf = (file: BrandFileAnswer, { width, height }: Picture) => ({
    ...{ address: base + file.path, width, height },
  });
  const logo =
    light && dark && brand.logo
      ? { light: addressOf(light, brand.logo.light), dark: addressOf(dark, brand.logo.dark) }
      : null;
  return {
    page: {
      ...{ name, short, operator, isOwn, logo, nameBesideLogo, pageArt },
      ...{ termsUrl, privacyUrl, supportEmail },
    },
    icon,
    styles,
    files: [...new Map(files.map((file) => [file.path, file])).values()],
  };
}

/** The site's name to readers who name no language. */
export function siteTitle(brand: Brand, words: Words): string {
  return withBrand(words.text("site.site.name", words.silent), brand, words.silent);
}

/** The web app manifest (W3C), for what a browser or a phone makes of a bookmark. */
export function manifestOf(brand: Brand, icon: BrandFileAnswer, base: string, words: Words): string {
  return JSON.stringify({
    name: siteTitle(brand, words),
    short_name: nameIn(brand.short, words.silent),
    lang: tagOf(words.silent),
    start_url: `${base}/`,
    display: "browser",
    icons: [{ src: base + icon.path, sizes: "any", type: icon.type.split(";", 1)[0] }],
  });
}

function iconOf(brand: Brand): BrandFileAnswer {
  return brand.favicon
    ? pictureFile("icon", brand.favicon)
    : fileOf("icon", "image/svg+xml; charset=utf-8", sealPicture(brand));
}

function sealPicture({ short, color }: Brand): string {
  const ground = color?.light ?? sealRed;
  const signs = sealOf(short.zh);
  const size = signs.length === 1 ? 20 : 13;
  const lines = signs.map((sign, line) => {
    const y = signs.length === 1 ? 23 : 14.5 + line * 12.5;
    return `<text x="16" y="${y}">${sign.replace(/[&<>]/g, (one) => `&#${one.charCodeAt(0)};`)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="${ground}"/><g fill="${readableOn(ground)}" font-family="serif" font-weight="700" font-size="${size}" text-anchor="middle">${lines.join("")}</g></svg>`;
}

function pictureFile(name: string, { type, content }: Picture): BrandFileAnswer {
  return fileOf(name, type === "image/png" ? type : `${type}; charset=utf-8`, content);
}

const endings: Readonly<Record<string, string>> = {
  "image/png": "png",
  "image/svg+xml": "svg",
  "text/css": "css",
};

function fileOf(name: string, type: string, content: string | Buffer): BrandFileAnswer {
  const tag = createHash("sha256").update(content).digest("hex").slice(0, 12);
  return { path: `/brand/${name}-${tag}.${endings[type.split(";", 1)[0]!]}`, type, content };
}
