import { resolve } from "node:path";
import { SettingProblem } from "../errors/setting-problem.ts";
import { defineSettings, type SettingRefusal } from "../kernel/settings/room-settings.ts";
import { itemsOf, optionalText, parsed } from "../kernel/settings/variable.ts";
import { type Language, readLanguage, tagOf } from "./language.ts";
import { type MailTemplates, readMailTemplates } from "./mail-templates.ts";
import { readTextFiles, type TextProblem } from "./text-files.ts";
import { createWords, languagesOf, type TextsByLanguage, type Words } from "./words.ts";

/** In which languages and words the product speaks to people. */
export interface WordsSettings {
  readonly words: Words;
  readonly mailTemplates: MailTemplates;
}

export const wordsSettings = defineSettings({
  variables: {
    DEFAULT_LANGUAGE: parsed<Language | "auto">(
      "auto",
      {
        zh: "请求头没有指明可用语言时，接口、站点和邮件用什么语言，如 zh、en、ja。auto：没有 Accept-Language 时用中文，只列出其他语言时用英文。",
        en: "Language of the API, the site and mails where Accept-Language names none that is offered, such as zh, en, ja. auto: Chinese without the header, English where it names other languages alone.",
      },
      (raw) => (raw === "auto" ? raw : readTag(raw)),
    ),
    LANGUAGES: parsed<readonly Language[] | null>(
      null,
      {
        fallbackText: "all there are",
        zh: "提供的语言，逗号分隔，按显示顺序，如 zh-Hans,en,ja；只写一个即固定语言。",
        en: "The languages that are offered, comma separated, in the order in which they are shown, such as zh-Hans,en,ja. One alone is fixed.",
      },
      (raw) => [...new Set(itemsOf(raw).map(readTag))],
    ),
    TEXTS_DIR: optionalText({
      fallbackText: "(none)",
      zh: "自定义文字所在的目录：每种语言一个 JSON 文件，如 zh-Hans.json、fr.json。见 docs/words.zh.md。",
      en: "Folder of texts in place of ours, a JSON file per language such as zh-Hans.json, fr.json. See docs/words.md.",
    }),
  },
  settings({ DEFAULT_LANGUAGE: defaultLanguage, LANGUAGES: languages, TEXTS_DIR: folder }): WordsSettings {
    const { texts: own, templates: mailTemplates } = filesIn(folder);
    return { words: createWords({ languages, defaultLanguage, own }), mailTemplates };
  },
  problems({ DEFAULT_LANGUAGE: byDefault, LANGUAGES: languages, TEXTS_DIR: folder }) {
    const { texts, problems } = filesIn(folder);
    const found: SettingRefusal<"DEFAULT_LANGUAGE" | "LANGUAGES" | "TEXTS_DIR">[] = problems.map(
      (problem) => ({
        variable: "TEXTS_DIR",
        ...problem,
      }),
    );
    const there = languagesOf(texts);
    const known = there.map(tagOf).join(", ");
    for (const language of languages ?? []) {
      if (there.includes(language)) continue;
      found.push({
        variable: "LANGUAGES",
        code: "languageWithoutTexts",
        parameters: { value: language, known },
      });
    }
    const offered = languages ?? there;
    if (byDefault !== "auto" && !offered.includes(byDefault)) {
      const value = tagOf(byDefault);
      const parameters = { value, known: offered.map(tagOf).join(", ") };
      found.push({ variable: "DEFAULT_LANGUAGE", code: "languageNotOffered", parameters });
    }
    return found;
  },
  byDefault: ({ words }) => ({ LANGUAGES: words.languages.map(tagOf).join(",") }),
});

function readTag(raw: string): Language {
  const language = readLanguage(raw);
  if (language === null) throw new SettingProblem("languageUnknown", { value: raw });
  return language;
}

interface OwnFiles {
  readonly texts: TextsByLanguage;
  readonly templates: MailTemplates;
  readonly problems: readonly TextProblem[];
}

function filesIn(folder: string | null): OwnFiles {
  if (folder === null) return { texts: new Map(), templates: new Map(), problems: [] };
  const { texts, problems } = readTextFiles(resolve(folder));
  const { templates, problems: ofMails } = readMailTemplates(resolve(folder, "mails"));
  return { texts, templates, problems: [...problems, ...ofMails] };
}
