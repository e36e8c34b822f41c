import type { Config } from "../../config/config.ts";
import { tagOf } from "../../words/language.ts";
import { type Diagnosis, ok, warn } from "./diagnosis.ts";

/** Which languages people can read, and which of them lacks texts. What is wrong with a text keeps the product from starting. */
export function checkWords({ words }: Pick<Config, "words">): Diagnosis {
  const tags = words.languages.map(tagOf).join(", ");
  const lacking = words.languages
    .map((language) => ({ tag: tagOf(language), missing: words.missing(language) }))
    .find(({ missing }) => missing.length > 0);
  if (lacking === undefined) return ok("words", `可用的语言：${tags}`, `languages: ${tags}`);
  const { tag, missing } = lacking;
  return warn(
    "words",
    `${tag} 缺少 ${missing.length} 段文字，如 ${missing[0]}，会显示其他语言。运行 manage texts file --language ${tag} --missing，译好后写入 TEXTS_DIR 的 ${tag}.json。`,
    `${tag} lacks ${missing.length} texts, such as ${missing[0]}, which are shown in another language. Run manage texts file --language ${tag} --missing, translate, and add them to ${tag}.json in TEXTS_DIR.`,
  );
}
