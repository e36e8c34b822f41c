/** The two languages, switched in place: the reader's choice, else the browser's. Rules as in public/early.js. */
import { computed, type WritableComputedRef } from "vue";
import { createI18n, type MessageContext } from "vue-i18n";
import { readItem, writeItem } from "./browser-storage.ts";
import { en } from "./texts/en.ts";
import { zhCN } from "./texts/zh-cn.ts";

export type Language = "zh-CN" | "en";
const storageKey = "meiduo.language";

/** The language to begin with: what was chosen before, else Chinese for a Chinese browser and English for the rest. */
export function firstLanguage(chosen: string | null, browserLanguages: readonly string[]): Language {
  if (chosen === "zh-CN" || chosen === "en") return chosen;
  return (browserLanguages[0] ?? "zh").toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

export const i18n = createI18n({
  legacy: false,
  locale: firstLanguage(readItem("local", storageKey), navigator.languages),
  fallbackLocale: "en",
  messages: { "zh-CN": zhCN, en },
  messageCompiler: (message) => fillMessage(String(message)),
});

/**
 * `{name}` is all of the message syntax the texts use. The library's own compiler, for plurals and linked messages, is
 * left out of the build (vite.config.ts): 7 KB less on the way to the first page.
 */
export function fillMessage(message: string): (context: Pick<MessageContext, "named">) => string {
  const parts = message.split(/\{(\w+)\}/);
  return ({ named }) =>
    parts.map((part, index) => (index % 2 === 0 ? part : String(named(part) ?? ""))).join("");
}

const locale = i18n.global.locale as WritableComputedRef<Language>;

export const language = computed<Language>({
  get: () => locale.value,
  set: (chosen) => {
    locale.value = chosen;
    writeItem("local", storageKey, chosen);
    document.documentElement.lang = chosen;
  },
});

/** A text by its key, outside a component's template. */
export function text(key: string, values: Record<string, unknown> = {}): string {
  return i18n.global.t(key, values);
}
