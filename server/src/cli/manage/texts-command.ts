import { builtInTexts } from "../../words/built-in.ts";
import { ownName, readLanguage, tagOf } from "../../words/language.ts";
import { placesOf } from "../../words/placeholders.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import { CommandFailure } from "../terminal/terminal.ts";

/** Every text that people read, to begin texts of one's own with. */
export const texts: Command = defineCommand({
  name: "texts",
  group: "look",
  needs: "config",
  json: true,
  zh: "列出站点、邮件和接口的文字，供自定义或翻译",
  en: "lists the texts of site, mails and API, to change or translate them",
  defaultVerb: "list",
  verbs: {
    list: {
      words: { zh: "[<键>]", en: "[<key>]" },
      zh: "每段文字：键、能填的占位符、文字；可只列以某个键开头的",
      en: "each text: its key, the places that are filled, the text; of keys that begin so",
    },
    file: {
      words: { zh: "[<键>]", en: "[<key>]" },
      zh: "以 TEXTS_DIR 中语言文件的格式输出，可直接存为如 fr.json",
      en: "in the form of a file of TEXTS_DIR, to be kept as, say, fr.json",
    },
  },
  options: {
    language: {
      type: "string",
      value: "<tag>",
      zh: "哪种语言，如 zh-Hans、en、ja；缺省随终端",
      en: "which language, such as zh-Hans, en, ja; by default the terminal's",
    },
    missing: {
      type: "boolean",
      zh: "只列出该语言还没有的",
      en: "only those that the language lacks",
    },
  },
  details: {
    zh: "翻译成法语：meiduo texts file --language fr > texts/fr.json，译好后设置 TEXTS_DIR=texts。\n说明见 docs/words.zh.md。",
    en: "To translate into French: meiduo texts file --language fr > texts/fr.json, translate, set TEXTS_DIR=texts.\nSee docs/words.md.",
  },
  async run({ completeConfig, terminal }, { verb, words: [beginning = ""], values, json }) {
    const { words } = completeConfig("look");
    const language = readLanguage(values.language ?? terminal.language);
    if (language === null) {
      const typed = String(values.language);
      throw new CommandFailure(`没有“${typed}”这种语言。`, `There is no language "${typed}".`);
    }
    const missing = new Set(words.missing(language));
    const found = [...builtInTexts]
      .filter(([key]) => key.startsWith(beginning) && (!values.missing || missing.has(key)))
      .map(([key, builtIn]) => ({
        key,
        text: words.text(key, language),
        ...placesOf(builtIn),
        isMissing: missing.has(key),
      }));
    if (verb === "file") {
      const file = Object.fromEntries(found.map(({ key, text }) => [key, text]));
      terminal.print(JSON.stringify(file, null, 2));
      return 0;
    }
    const lines = found.map(({ key, text, known, isMissing }) => {
      const places = known.map((name) => `{${name}}`).join(" ");
      return [isMissing ? `${key} *` : key, ...(places === "" ? [] : [`  ${places}`]), `  ${text}`].join(
        "\n",
      );
    });
    show(
      terminal,
      json,
      { language: tagOf(language), name: ownName(language), texts: found },
      lines.join("\n"),
    );
    return 0;
  },
});
