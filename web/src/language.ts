/** The languages that the site's server offers. One is loaded: the reader's choice, else the browser's (public/early.js). */
import { computed, type WritableComputedRef } from "vue";
import { createI18n, type MessageContext } from "vue-i18n";
import { brand, nameIn } from "./brand.ts";
import { writeItem } from "./browser-storage.ts";
import { fetchOwn } from "./fetch-own.ts";
import { readPageLanguages } from "./page-languages.ts";

const storageKey = "meiduo.language";

/** In the order of the chooser. */
export const offeredLanguages = readPageLanguages(document.getElementById("page-languages")?.textContent);

export const i18n = createI18n({
  legacy: false,
  locale: document.documentElement.lang,
  fallbackLocale: false,
  messageCompiler: (message, { locale }) => fillMessage(String(message), brandWords(locale)),
});

/** What any text may have in it without being given it. */
function brandWords(locale: string): Readonly<Record<string, string>> {
  return { brand: nameIn(brand.name, locale), brandShort: nameIn(brand.short, locale) };
}

/**
 * `{name}` is all of the message syntax the texts use. The library's own compiler, for plurals and linked messages, is
 * left out of the build (vite.config.ts): 7 KB less on the way to the first page.
 */
export function fillMessage(
  message: string,
  always: Readonly<Record<string, string>> = {},
): (context: Pick<MessageContext, "named">) => string {
  const parts = message.split(/\{(\w+)\}/);
  return ({ named }) =>
    parts.map((part, index) => (index % 2 === 0 ? part : String(named(part) ?? always[part] ?? ""))).join("");
}

const locale = i18n.global.locale as WritableComputedRef<string>;

/** The tag of the language that is spoken; its texts are loaded. */
export const language = computed<string>({
  get: () => locale.value,
  set(chosen) {
    locale.value = chosen;
    document.documentElement.lang = chosen;
  },
});

/** The one of two texts that its readers understand best. */
export function closestOf<Text>({ zh, en }: { readonly zh: Text; readonly en: Text }): Text {
  return /^zh\b/.test(language.value) ? zh : en;
}

/** Loads what the page begins with. Rejects where it can't be loaded: then there are no words to say so in. */
export function loadFirstLanguage(): Promise<void> {
  return loadTexts(language.value);
}

let wanted = "";

/** Speaks that language and remembers it. Rejects where its texts can't be loaded; the one before stays. */
export async function chooseLanguage(tag: string): Promise<void> {
  wanted = tag;
  await loadTexts(tag);
  // Another one was chosen while this one was on its way.
  if (wanted !== tag) return;
  language.value = tag;
  writeItem("local", storageKey, tag);
}

async function loadTexts(tag: string): Promise<void> {
  // The library makes an empty set for the language that it begins with.
  if (Object.keys(i18n.global.getLocaleMessage(tag)).length > 0) return;
  const offered = offeredLanguages.find((one) => one.tag === tag);
  if (offered === undefined) throw new Error(`the site offers no ${tag}`);
  i18n.global.setLocaleMessage(tag, (await fetchOwn(offered.texts)) as object);
}

/** A text by its key, outside a component's template. */
export function text(key: string, values: Record<string, unknown> = {}): string {
  return i18n.global.t(key, values);
}
