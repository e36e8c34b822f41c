/** The operator's name, and what else a page shows of the operator. */
import { pageSettings } from "./page-settings.ts";

export interface Names {
  readonly zh: string;
  readonly en: string;
  readonly [language: string]: string;
}

export interface Picture {
  readonly address: string;
  readonly width: number;
  readonly height: number;
}

export interface Brand {
  readonly name: Names;
  readonly short: Names;
  /** Who runs the site. */
  readonly operator: Names;
  /** Whether it is an operator's own: then no page speaks of where the program came from. */
  readonly isOwn: boolean;
  /** Null: the seal. */
  readonly logo: { readonly light: Picture; readonly dark: Picture } | null;
  readonly nameBesideLogo: boolean;
  /** Whether the garden is behind the gate. */
  readonly pageArt: boolean;
  /** The operator's own pages and address for help; null where there are none. */
  readonly termsUrl: string | null;
  readonly privacyUrl: string | null;
  readonly supportEmail: string | null;
}

export const brand: Brand = pageSettings.brand;

/** The name in that language; any other Chinese reads the Chinese one, all the rest the English one. */
export function nameIn(names: Names, language: string): string {
  return names[language] ?? (/^zh\b/i.test(language) ? names.zh : names.en);
}

/** What the seal says where there is no logo: two Chinese characters one above the other, else the first letter. */
export function sealOf(short: string): readonly string[] {
  const characters = [...short];
  return characters.slice(0, /^\p{Script=Han}{2}/u.test(short) ? 2 : 1);
}
