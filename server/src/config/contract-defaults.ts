import type { Source } from "../kernel/settings/read-variables.ts";
import { ourWords, type Words } from "../words/words.ts";

/**
 * What CONTRACT=classic sets beside itself, each only where the operator has not: the classic front ends send no `state` and
 * navigate to the one that comes back, are Chinese whatever their browser asks for, and sign up by number alone.
 */
const classic = { OAUTH_STATE: "path", LANGUAGES: "zh-Hans", SIGN_UP_BY: "mobile" } as const;

/** Where the pages of these front ends are in development; they have the names written into them. */
const classicOrigins = [
  "http://127.0.0.1:8080",
  "http://localhost:8080",
  "http://www.meiduo.site:8080",
  "http://api.meiduo.site:8000",
];

const given = (source: Source, name: string) => source[name]?.trim() ?? "";

/** By variable, what the switch sets in this environment; nothing of what is set by hand. */
export function setByContract(source: Source): Readonly<Record<string, string>> {
  if (given(source, "CONTRACT") !== "classic") return {};
  const inProduction = given(source, "ENVIRONMENT") === "production";
  const all = {
    ...classic,
    ...(inProduction ? {} : { CORS_ORIGIN_WHITELIST: classicOrigins.join(",") }),
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => given(source, name) === ""));
}

/** What the original of these front ends says at a sign-up by number, in place of ours. */
const classicTexts: ReadonlyMap<string, string> = new Map([
  ["errors.fields.invalid_mobile", "手机号格式错误"],
  ["errors.fields.mobile_taken", "具有 手机号 的 用户 已存在。"],
]);

/** The words, with those of CONTRACT=classic before ours and behind the operator's own. */
export function wordsByContract(words: Words, contract: "email" | "classic"): Words {
  if (contract === "email") return words;
  return {
    ...words,
    text(key, language) {
      const text = words.text(key, language);
      const classic = classicTexts.get(key);
      return classic !== undefined && text === ourWords.text(key, "zh") ? classic : text;
    },
  };
}
