/**
 * Languages, and which of them a reader gets. A language is named by its tag (BCP 47); simplified Chinese is `zh`, as it
 * is in jobs that earlier versions wrote, and `zh-Hans` wherever others read the name.
 */
export type Language = string;

/** A language as headers, pages and files name it: `zh-Hans` for `zh`, all others by their own name. */
export function tagOf(language: Language): string {
  return language === "zh" ? "zh-Hans" : language;
}

/** Whether its readers read Chinese more easily than English. */
export function isChinese(language: Language): boolean {
  return /^zh\b/.test(language);
}

/** The one of two texts that stands in for a third language. */
export function closestOf<Text>(
  language: Language,
  { zh, en }: { readonly zh: Text; readonly en: Text },
): Text {
  return isChinese(language) ? zh : en;
}

/** The language of a tag in any spelling (`ZH-cn`, `zh-hant`), or null where no such language is known. */
export function readLanguage(tag: string): Language | null {
  try {
    const [canonical = ""] = Intl.getCanonicalLocales(tag);
    if (englishNames.of(canonical) === undefined) return null;
    return ["zh-CN", "zh-Hans", "zh-Hans-CN"].includes(canonical) ? "zh" : canonical;
  } catch {
    return null;
  }
}

/** The one of these languages that a tag names; null where it is not among them. */
export function offeredLanguage(offered: readonly Language[], tag: string): Language | null {
  const language = readLanguage(tag);
  return language !== null && offered.includes(language) ? language : null;
}

/** How the language calls itself: 日本語. */
export function ownName(language: Language): string {
  const tag = tagOf(language);
  return new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
}

const englishNames = new Intl.DisplayNames(["en"], { type: "language", fallback: "none" });

/** What a reader is answered in. `silent`: of one who names no language; `others`: of one who names none that is offered. */
export interface Offer {
  readonly languages: readonly Language[];
  readonly silent: Language;
  readonly others: Language;
}

/**
 * The offered language that Accept-Language (RFC 9110 section 12.5.4) ranks highest. Of one language several writings
 * are told apart as Unicode's likely subtags have it: `zh-TW` and `zh-HK` are traditional, `zh` is simplified. Where the
 * wanted writing isn't offered, the other one is closer than another language. `pick` reads each range once.
 */
export function createPick(offer: Offer): (acceptLanguage: string | undefined) => Language {
  const offered = offer.languages.map(
    (language) => [language, new Intl.Locale(tagOf(language)).maximize()] as const,
  );
  const known = new Map<string, Language | null>();

  function find(range: string): Language | null {
    if (!/^[a-z]{2,8}(-[a-z\d]{1,8})*$/.test(range)) return null;
    const wanted = likely(range);
    if (wanted === null) return null;
    const same = offered.filter(([, { language }]) => language === wanted.language);
    const written = same.filter(([, { script }]) => script === wanted.script);
    const exact = written.find(([, { region }]) => region === wanted.region);
    return (exact ?? written[0] ?? same[0])?.[0] ?? null;
  }

  function languageOfRange(range: string): Language | null {
    const seen = known.get(range);
    if (seen !== undefined) return seen;
    const found = find(range);
    // Strangers choose what is remembered here.
    if (known.size < rememberedRanges) known.set(range, found);
    return found;
  }

  return (acceptLanguage) => {
    if (!acceptLanguage) return offer.silent;
    let best: Language | null = null;
    let bestQuality = 0;
    let namesOthers = false;
    for (const part of acceptLanguage.slice(0, 200).split(",")) {
      const { range, quality } = readRange(part);
      const language = range === "*" ? offer.silent : languageOfRange(range);
      if (language === null) namesOthers ||= quality > 0 && /^[a-z]{2,8}(-|$)/.test(range);
      else if (quality > bestQuality) {
        best = language;
        bestQuality = quality;
      }
    }
    return best ?? (namesOthers ? offer.others : offer.silent);
  };
}

const rememberedRanges = 1000;

function readRange(part: string): { range: string; quality: number } {
  const [range = "", ...parameters] = part.trim().toLowerCase().split(";");
  const q = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find((value) => value);
  return { range, quality: q === undefined ? 1 : Number(q) };
}

function likely(range: string): Intl.Locale | null {
  try {
    return new Intl.Locale(range).maximize();
  } catch {
    return null;
  }
}
