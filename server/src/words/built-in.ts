import { en } from "../../../web/src/texts/en.ts";
import { zhCN } from "../../../web/src/texts/zh-cn.ts";
import { errorCodes } from "../errors/error-codes.ts";
import { fieldCodes } from "../errors/field-codes.ts";
import type { Texts } from "../errors/texts.ts";
import { exportTexts } from "./export-texts.ts";
import { mailTexts } from "./mail-texts.ts";
import ja from "./shipped/ja.json" with { type: "json" };
import zhHant from "./shipped/zh-Hant.json" with { type: "json" };
import { smsTexts } from "./sms-texts.ts";

/**
 * Every text that people read, by its key, in the two languages it is written in beside its code. The chapters:
 * `errors.<code>`, `errors.fields.<code>`, `mail.<key>`,
 * `sms.<purpose>`, `export.<key>` and `site.<key>`.
 */
export const builtInTexts: ReadonlyMap<string, Texts> = new Map([
  ...chapter("errors", errorCodes),
  ...chapter("errors.fields", fieldCodes),
  ...chapter("mail", mailTexts),
  ...chapter("sms", smsTexts),
  ...chapter("export", exportTexts),
  ...textsOfSite(),
]);

/** Translations that are shipped, in the form of an operator's own: the keys of `builtInTexts`. */
export const shippedTexts: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ["zh-Hant", new Map(Object.entries<string>(zhHant))],
  ["ja", new Map(Object.entries<string>(ja))],
]);

function chapter(name: string, texts: Readonly<Record<string, Texts>>): [string, Texts][] {
  return Object.entries(texts).map(([code, { zh, en }]) => [`${name}.${code}`, { zh, en }]);
}

function textsOfSite(): [string, Texts][] {
  const english = new Map(flat(en, "site"));
  // The compiler holds the two to one structure (web/src/texts/en.ts).
  return flat(zhCN, "site").map(([key, zh]) => [key, { zh, en: english.get(key) as string }]);
}

/** Every text by its key: `site.logIn.submit`, `site.strength.level.0`. */
function flat(value: unknown, key: string): [string, string][] {
  if (typeof value === "string") return [[key, value]];
  return Object.entries(value as object).flatMap(([name, one]) => flat(one, `${key}.${name}`));
}
