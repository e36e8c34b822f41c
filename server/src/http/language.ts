export type Language = "zh" | "en";

/** How the server speaks where the reader doesn't say: DEFAULT_LANGUAGE, or `auto`. */
export type DefaultLanguage = Language | "auto";

/**
 * The language of an answer: Chinese or English, whichever the reader's Accept-Language (RFC 9110 section 12.5.4)
 * ranks higher. Readers who name neither: without a header, or with `*`, they get Chinese, as the original's clients do;
 * with other languages alone English, which more of them read. A default other than `auto` decides both.
 * The header is read only where a text is rendered, so well-behaved requests pay nothing.
 */
export function languageOf(
  acceptLanguage: string | undefined,
  otherwise: DefaultLanguage = "auto",
): Language {
  const silent = otherwise === "auto" ? "zh" : otherwise;
  if (!acceptLanguage) return silent;
  let best: Language | null = null;
  let bestQuality = 0;
  let namesOthers = false;
  for (const part of acceptLanguage.slice(0, 200).split(",")) {
    const [tag = "", ...parameters] = part.trim().toLowerCase().split(";");
    const q = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find((value) => value);
    const quality = q === undefined ? 1 : Number(q);
    if (/^[a-z]{2,8}(-|$)/.test(tag) && !/^(zh|en)(-|$)/.test(tag)) namesOthers ||= quality > 0;
    const language = /^zh(-|$)/.test(tag) ? "zh" : /^en(-|$)/.test(tag) ? "en" : tag === "*" ? silent : null;
    if (language !== null && quality > bestQuality) {
      best = language;
      bestQuality = quality;
    }
  }
  return best ?? (namesOthers && otherwise === "auto" ? "en" : silent);
}
