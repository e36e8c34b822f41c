import type { AccentColor } from "./palette.ts";
import type { Picture } from "./picture.ts";

/**
 * Under what name and look the installation meets people. Texts of site, mails and API hold `{brand}` and `{brandShort}`
 * where the name belongs; nothing else in the product knows it (guard: foreign-brand.test.ts).
 */
export interface Brand {
  /** The whole name: 美多商城. */
  readonly name: Names;
  /** For narrow places and before another word: 美多账号. The whole name where none is given. */
  readonly short: Names;
  /** Who runs the site, as our terms say it. */
  readonly operator: Names;
  /** The sender's name in mails, where EMAIL_FROM has none. */
  readonly sender: string;
  /** Whether it is the operator's own: then no page speaks of where the program came from. */
  readonly isOwn: boolean;
  /** Null: the site's own colours. */
  readonly color: AccentColor | null;
  /** Null: the seal with the first characters of the name. */
  readonly logo: { readonly light: Picture; readonly dark: Picture } | null;
  readonly nameBesideLogo: boolean;
  /** Null: the seal. */
  readonly favicon: Picture | null;
  /** Whether the garden is behind the gate. */
  readonly pageArt: boolean;
  /** The operator's pages in place of ours, and where people ask for help; null where there are none. */
  readonly termsUrl: string | null;
  readonly privacyUrl: string | null;
  readonly supportEmail: string | null;
}

/** A name by language (BCP 47); Chinese and English are always there. */
export interface Names {
  readonly zh: string;
  readonly en: string;
  readonly [language: string]: string;
}

export const defaultBrand: Brand = {
  name: { zh: "美多商城", en: "Meiduo" },
  short: { zh: "美多", en: "Meiduo" },
  operator: { zh: "美多商城", en: "Meiduo" },
  sender: "美多商城",
  isOwn: false,
  color: null,
  logo: null,
  nameBesideLogo: true,
  favicon: null,
  pageArt: true,
  termsUrl: null,
  privacyUrl: null,
  supportEmail: null,
};

/** The name in that language; any other Chinese reads the Chinese one, all the rest the English one. */
export function nameIn(names: Names, language: string): string {
  return names[language] ?? (/^zh\b/i.test(language) ? names.zh : names.en);
}

/** Every name under which the installation speaks, in each language that it has one for. */
export function allNamesOf({ name, short, operator, sender }: Brand): readonly string[] {
  const written = [name, short, operator].flatMap((names) => Object.values(names) as string[]);
  return [...new Set([...written, sender])];
}

/** A text with `{brand}` and `{brandShort}` filled; other braces stay. `write` puts the name into mark-up. */
export function withBrand(
  text: string,
  { name, short }: Pick<Brand, "name" | "short">,
  language: string,
  write = (word: string) => word,
): string {
  return text.replace(/\{brand(Short)?\}/g, (_, isShort) => write(nameIn(isShort ? short : name, language)));
}

/** What the seal says where there is no logo: two Chinese characters one above the other, else the first letter. */
export function sealOf(short: string): readonly string[] {
  const characters = [...short];
  return characters.slice(0, /^\p{Script=Han}{2}/u.test(short) ? 2 : 1);
}
