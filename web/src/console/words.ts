/** The console's own words, in the closest of its two languages; those of the site's parts in it come from the site's texts. */
import { computed } from "vue";
import { closestOf, language } from "../language.ts";
import { en } from "./texts/en.ts";
import { zh } from "./texts/zh.ts";

export const words = computed(() => closestOf({ zh, en }));
/** Of the words, for a page that else speaks another language. */
export const wordsTag = computed(() => closestOf({ zh: "zh-CN", en: "en" }));

const times = computed(
  () => new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "short" }),
);

/** Why a log-in was refused; the code of one that has no words. */
export const refusalOf = (reason: string): string =>
  (words.value.access.reasons as Readonly<Record<string, string>>)[reason] ?? reason;

/** Of a mail; the code of one that has no words. */
export const mailStateOf = (state: string): string =>
  (words.value.mails.states as Readonly<Record<string, string>>)[state] ?? state;

/** A time as the API writes it, as the reader does; null for never. */
export function timeOf(text: string | null): string {
  return text === null ? words.value.never : times.value.format(new Date(text));
}
