import { SettingProblem } from "../errors/setting-problem.ts";
import { checkEmail } from "../kernel/email-address.ts";
import { deceptive } from "../kernel/visible-text.ts";
import type { Names } from "./brand.ts";
import { readColor } from "./contrast.ts";
import type { AccentColor } from "./palette.ts";

/** How each value of a brand is read, from a variable or from brand.json. Each throws a SettingProblem. */

export type NamesGiven = Names;

const longestName = 40;
/** A language as BCP 47 writes it, such as `ja` or `zh-Hant`. */
const languageTag = /^[a-z]{2,3}(?:-[A-Za-z\d]{2,8})*$/;

/** One line that can stand in a subject, a title and a header. */
export function readName(value: unknown): string {
  if (typeof value !== "string" || value.trim() === "") throw new SettingProblem("brandName");
  const name = value.trim();
  if ([...name].length > longestName) throw new SettingProblem("brandNameLong", { limit: longestName });
  if (deceptive.test(name) || /[<>{}"\\]/.test(name)) throw new SettingProblem("brandName");
  return name;
}

/** A name for every language, or an object of names by language with `zh` or `en` at least. */
export function readNames(value: unknown): Names {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return namesOf(readName(value));
  const entries = Object.entries(value).map(([language, name]) => {
    if (!languageTag.test(language)) throw new SettingProblem("brandLanguage", { value: language });
    return [language, readName(name)] as const;
  });
  const names: Record<string, string> = Object.fromEntries(entries);
  const first = names.zh ?? names.en;
  if (first === undefined) throw new SettingProblem("brandNames");
  return { ...names, zh: names.zh ?? first, en: names.en ?? first };
}

export function namesOf(name: string): Names {
  return { zh: name, en: name };
}

export function readHelp(value: unknown): string {
  if (typeof value !== "string" || checkEmail(value) !== null) throw new SettingProblem("plainEmail");
  return value;
}

/** A page of the operator's: http(s) without a log-in, or a path of the site's own origin. */
export function readLink(value: unknown): string {
  const text = typeof value === "string" ? value : "";
  if (/^\/(?![/\\])[^\s\\]*$/.test(text)) return text;
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw new SettingProblem("pageAddress");
  if (url.username !== "" || url.password !== "") throw new SettingProblem("webAddressLogIn");
  return url.href;
}

/** One colour for both, or one each for light and dark pages. */
export function readAccent(value: unknown): AccentColor {
  if (typeof value === "string") return { light: colorOf(value), dark: colorOf(value) };
  const { light, dark, ...more } = (value ?? {}) as Record<string, unknown>;
  if (Object.keys(more).length > 0) throw new SettingProblem("brandColor");
  return { light: colorOf(light), dark: colorOf(dark) };
}

function colorOf(value: unknown): string {
  const color = typeof value === "string" ? readColor(value) : null;
  if (color === null) throw new SettingProblem("brandColor");
  return color;
}
