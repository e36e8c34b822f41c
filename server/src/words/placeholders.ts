import { placesIn } from "../errors/fill-text.ts";

/** Which `{name}` places a text in place of ours may have, and which it has to have. */
export interface Places {
  /** Names that may be in the text. */
  readonly known: readonly string[];
  /** Those that must be: the value would be lost without them. */
  readonly required: readonly string[];
}

/**
 * What texts of these have in common. The site's own name may be left out, since an operator can write it out. Of a
 * provider's two titles, `{provider}` and `{providerEn}`, either will do.
 */
export function placesOf(texts: { readonly zh: string; readonly en: string }): Places {
  const known = [...new Set([...placesIn(texts.zh), ...placesIn(texts.en)])];
  const required = [...new Set(known.map(plain))].filter(
    (name) =>
      !isBrand(name) && [texts.zh, texts.en].every((text) => placesIn(text).map(plain).includes(name)),
  );
  return { known: [...known, "brand", "brandShort"], required };
}

/** What is wrong with a text's places, or null. */
export function misplaced(
  text: string,
  { known, required }: Places,
): { readonly unknown: string } | { readonly missing: string } | null {
  const names = placesIn(text);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) return { unknown };
  const missing = required.find((name) => !names.map(plain).includes(name));
  return missing === undefined ? null : { missing };
}

const plain = (name: string) => name.replace(/En$/, "");
const isBrand = (name: string) => name.startsWith("brand") || name === "operator";
