import { readFileSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { SettingProblem } from "../errors/setting-problem.ts";
import type { Names } from "./brand.ts";
import { type NamesGiven, readAccent, readHelp, readLink, readNames } from "./brand-values.ts";
import type { AccentColor } from "./palette.ts";
import { type Picture, readPicture } from "./picture.ts";

/** `brand.json` of BRAND_DIR: everything an operator can say of the brand; all of it may be left out. docs/brand.md lists it. */
export interface BrandFile {
  readonly name?: NamesGiven;
  readonly short?: NamesGiven;
  /** Who runs the site, in our terms. */
  readonly operator?: Names;
  /** The sender's name in mails. */
  readonly sender?: string;
  readonly logo?: Picture;
  readonly logoDark?: Picture;
  readonly favicon?: Picture;
  readonly color?: AccentColor;
  /** Whether the garden is behind the gate. */
  readonly pageArt?: boolean;
  /** Whether the name is written beside the logo. */
  readonly nameBesideLogo?: boolean;
  readonly termsUrl?: string;
  readonly privacyUrl?: string;
  readonly supportEmail?: string;
}

type Read = (value: unknown, folder: string) => unknown;

const readers: { readonly [Key in keyof Required<BrandFile>]: Read } = {
  name: readNames,
  short: readNames,
  operator: readNames,
  sender: (value) => readNames(value).zh,
  logo: pictureIn,
  logoDark: pictureIn,
  favicon: pictureIn,
  color: readAccent,
  pageArt: readSwitch,
  nameBesideLogo: readSwitch,
  termsUrl: readLink,
  privacyUrl: readLink,
  supportEmail: readHelp,
};

/** Reads the folder. Throws a SettingProblem that says which key is wrong and how it should be. */
export function readBrandFolder(folder: string): BrandFile {
  const file = join(resolve(folder), "brand.json");
  const written = parse(readText(file), file);
  const read = Object.entries(written).map(([key, value]) => {
    const reader = Object.hasOwn(readers, key) ? readers[key as keyof BrandFile] : undefined;
    if (!reader) {
      throw new SettingProblem("brandKey", { key, known: Object.keys(readers).join(", ") });
    }
    return [key, inKey(key, () => reader(value, folder))];
  });
  return Object.fromEntries(read);
}

/** What is wrong with one key's value, under the key's name. */
function inKey<Value>(key: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SettingProblem)) throw error;
    throw new SettingProblem("brandValue", {
      key,
      problem: { zh: error.zh.replace(/。$/, ""), en: error.en },
    });
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new SettingProblem("brandFileUnreadable", { file, reason: (error as Error).message });
  }
}

function parse(text: string, file: string): object {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    throw new SettingProblem("brandJson", { file, reason: (error as Error).message });
  }
  throw new SettingProblem("brandJson", { file, reason: "{ … }" });
}

/** A file of the folder. One outside is refused: the folder is what is copied, backed up and looked through. */
function pictureIn(value: unknown, folder: string): Picture {
  const inside = typeof value === "string" ? relative(resolve(folder), resolve(folder, value)) : "..";
  if (inside === "" || inside.startsWith("..") || isAbsolute(inside))
    throw new SettingProblem("brandPictureName");
  return readPicture(resolve(folder, inside));
}

function readSwitch(value: unknown): boolean {
  if (typeof value !== "boolean") throw new SettingProblem("boolean", { value: String(value) });
  return value;
}
