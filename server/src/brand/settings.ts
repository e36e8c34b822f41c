import { defineSettings } from "../kernel/settings/room-settings.ts";
import { parsed } from "../kernel/settings/variable.ts";
import { type Brand, defaultBrand } from "./brand.ts";
import { type BrandFile, readBrandFolder } from "./brand-file.ts";
import { namesOf, readAccent, readHelp, readLink, readName } from "./brand-values.ts";
import type { AccentColor } from "./palette.ts";
import { type Picture, readPicture } from "./picture.ts";

/** The operator's name and look, in place of 美多's: a folder with all of it, and variables for the most of it. */
export interface BrandSettings {
  readonly brand: Brand;
}

/** A logo at least this much wider than high has the name in it. */
const wideLogo = 2;

export const brandSettings = defineSettings({
  variables: {
    BRAND_DIR: parsed<BrandFile>(
      {},
      {
        fallbackText: "(none)",
        zh: "品牌文件夹，含 brand.json 和其中的图片，见 docs/brand.zh.md。下面的变量优先于它。",
        en: "A folder with brand.json and the pictures it names: docs/brand.md. The variables below are stronger.",
      },
      readBrandFolder,
    ),
    BRAND_NAME: parsed<string | null>(
      null,
      {
        fallbackText: "美多商城",
        zh: "站点的名字，用于页面、邮件和接口文档。",
        en: "The site's name, on its pages, in mails and in the API's documentation.",
      },
      readName,
    ),
    BRAND_NAME_EN: parsed<string | null>(
      null,
      {
        fallbackText: "BRAND_NAME",
        zh: "英文页面和邮件中的名字。",
        en: "The name in English pages and mails.",
      },
      readName,
    ),
    BRAND_LOGO: parsed<Picture | null>(
      null,
      {
        fallbackText: "(a seal with the name)",
        zh: "标志文件，SVG 或 PNG，最大 200 KB。",
        en: "A file with the logo, SVG or PNG, of at most 200 KB.",
      },
      readPicture,
    ),
    BRAND_COLOR: parsed<AccentColor | null>(
      null,
      {
        fallbackText: "(the site's green)",
        zh: "按钮、链接和邮件的颜色，如 #0f62fe；看不清的地方自动换成同色相的深浅。",
        en: "Colour of buttons, links and mails, such as #0f62fe; where it can't be read a shade of it is used.",
      },
      readAccent,
    ),
    TERMS_URL: parsed<string | null>(
      null,
      {
        fallbackText: "(the site's page /terms)",
        zh: "自己的使用条款页面：网址，或同一域名下的路径。",
        en: "Your own terms of use: an address, or a path on the same host.",
      },
      readLink,
    ),
    PRIVACY_URL: parsed<string | null>(
      null,
      {
        fallbackText: "(the site's page /terms)",
        zh: "自己的隐私政策页面：网址，或同一域名下的路径。",
        en: "Your own privacy policy: an address, or a path on the same host.",
      },
      readLink,
    ),
    SUPPORT_EMAIL: parsed<string | null>(
      null,
      {
        zh: "用户求助的邮箱，显示在页脚、条款和邮件中。",
        en: "Where people ask for help; in the footer, the terms and mails.",
      },
      readHelp,
    ),
  },
  settings: (env): BrandSettings => ({ brand: brandOf(env) }),
  byDefault: ({ brand }) => ({ BRAND_NAME: brand.name.zh, BRAND_NAME_EN: brand.name.en }),
});

interface Values {
  readonly BRAND_DIR: BrandFile;
  readonly BRAND_NAME: string | null;
  readonly BRAND_NAME_EN: string | null;
  readonly BRAND_LOGO: Picture | null;
  readonly BRAND_COLOR: AccentColor | null;
  readonly TERMS_URL: string | null;
  readonly PRIVACY_URL: string | null;
  readonly SUPPORT_EMAIL: string | null;
}

function brandOf(env: Values): Brand {
  const file = env.BRAND_DIR;
  const light = env.BRAND_LOGO ?? file.logo;
  const logo = light ? { light, dark: (env.BRAND_LOGO ? undefined : file.logoDark) ?? light } : null;
  return {
    ...namesIn(env),
    color: env.BRAND_COLOR ?? file.color ?? null,
    logo,
    nameBesideLogo: file.nameBesideLogo ?? !(logo && logo.light.width >= logo.light.height * wideLogo),
    favicon: file.favicon ?? null,
    pageArt: file.pageArt ?? true,
    termsUrl: env.TERMS_URL ?? file.termsUrl ?? null,
    privacyUrl: env.PRIVACY_URL ?? file.privacyUrl ?? null,
    supportEmail: env.SUPPORT_EMAIL ?? file.supportEmail ?? null,
  };
}

type NamesOfBrand = Pick<Brand, "name" | "short" | "operator" | "sender" | "isOwn">;

function namesIn({ BRAND_DIR: file, BRAND_NAME: zh, BRAND_NAME_EN: en }: Values): NamesOfBrand {
  const first = zh ?? file.name?.zh ?? en;
  if (first === null || first === undefined) {
    const { name, short, operator, sender, isOwn } = defaultBrand;
    return { name, short, operator: file.operator ?? operator, sender: file.sender ?? sender, isOwn };
  }
  // A variable is stronger than the folder in its own language only; a name alone is the name in all of them.
  const name = {
    ...(file.name ?? namesOf(first)),
    zh: zh ?? file.name?.zh ?? first,
    en: en ?? file.name?.en ?? first,
  };
  const isOverridden = zh !== null || en !== null;
  const short = (isOverridden ? undefined : file.short) ?? name;
  return { name, short, operator: file.operator ?? name, sender: file.sender ?? name.zh, isOwn: true };
}
