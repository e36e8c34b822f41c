export type Language = "zh" | "en";

/**
 * The language of an answer: Chinese unless the reader's Accept-Language (RFC 9110 section 12.5.4) ranks
 * English above it. The header is read only where a text is rendered, so well-behaved requests pay nothing.
 */
export function languageOf(acceptLanguage: string | undefined): Language {
  if (!acceptLanguage) return "zh";
  let best: Language = "zh";
  let bestQuality = 0;
  for (const part of acceptLanguage.slice(0, 200).split(",")) {
    const [tag = "", ...parameters] = part.trim().toLowerCase().split(";");
    const language = /^zh(-|$)/.test(tag) ? "zh" : /^en(-|$)/.test(tag) ? "en" : null;
    if (!language) continue;
    const q = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find((value) => value);
    const quality = q === undefined ? 1 : Number(q);
    if (quality > bestQuality) {
      best = language;
      bestQuality = quality;
    }
  }
  return best;
}
