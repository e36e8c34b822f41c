import type { Texts } from "../errors/texts.ts";
import { builtInTexts, shippedTexts } from "./built-in.ts";
import { closestOf, createPick, type Language } from "./language.ts";

/** Texts by their key, for each language that has any. */
export type TextsByLanguage = ReadonlyMap<Language, ReadonlyMap<string, string>>;

/** What people read, in the languages that are offered: the operator's own texts before ours. */
export interface Words {
  /** Offered, in the order of the chooser; never empty. */
  readonly languages: readonly Language[];
  /** Of a reader who names no language. */
  readonly silent: Language;
  /** Of a reader who names none that is offered. */
  readonly others: Language;
  /** Of a request, by its Accept-Language. */
  pick(acceptLanguage: string | undefined): Language;
  /** The text of a key with its places unfilled. A language without it gets the Chinese or the English one. */
  text(key: string, language: Language): string;
  /** The same of a text that is in no chapter: an embedding program's own. */
  textOf(texts: Texts, language: Language): string;
  /** Keys that the language has no text of, so that another one's is shown. */
  missing(language: Language): readonly string[];
}

export interface WordsOptions {
  /** Null: all that there are. */
  readonly languages?: readonly Language[] | null;
  /** Of readers who name none of the offered ones; `auto`: Chinese for those who name none at all, English for others. */
  readonly defaultLanguage?: Language | "auto";
  /** In place of ours, and in further languages. */
  readonly own?: TextsByLanguage;
}

/** The languages that there are texts in, ours first. */
export function languagesOf(own: TextsByLanguage): readonly Language[] {
  return [...new Set(["zh", "en", ...shippedTexts.keys(), ...own.keys()])];
}

/** What is shipped in the language for the key. */
function ourText(key: string, language: Language): string | undefined {
  const texts = builtInTexts.get(key);
  if (texts === undefined) throw new TypeError(`there is no text ${key}`);
  return language === "zh" || language === "en" ? texts[language] : shippedTexts.get(language)?.get(key);
}

export function createWords({
  languages,
  defaultLanguage = "auto",
  own = new Map(),
}: WordsOptions = {}): Words {
  const offered = languages ?? languagesOf(own);
  const first = offered[0] as Language;
  const among = (language: Language) => (offered.includes(language) ? language : first);
  const silent = defaultLanguage === "auto" ? among("zh") : defaultLanguage;
  const others = defaultLanguage === "auto" ? among("en") : defaultLanguage;
  const find = (key: string, language: Language) => own.get(language)?.get(key) ?? ourText(key, language);
  return {
    languages: offered,
    ...{ silent, others },
    pick: createPick({ languages: offered, silent, others }),
    text: (key, language) =>
      find(key, language) ?? (find(key, closestOf(language, { zh: "zh", en: "en" })) as string),
    missing: (language) => [...builtInTexts.keys()].filter((key) => find(key, language) === undefined),
    textOf: (texts, language) => texts.translations?.[language] ?? closestOf(language, texts),
  };
}

/** Ours in every language, for servers without settings. */
export const ourWords = createWords();
