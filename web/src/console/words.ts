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

/** What an entry of the audit log records; the code of one that has no words. */
export const actionOf = (action: string): string =>
  (words.value.audit.actions as Readonly<Record<string, string>>)[action] ?? action;

/** Of a mail; the code of one that has no words. */
export const mailStateOf = (state: string): string =>
  (words.value.mails.states as Readonly<Record<string, string>>)[state] ?? state;

/** What a mail, or an SMS (`sms_<purpose>`), is for; the code of one that has no words. */
export function mailKindOf(kind: string): string {
  const [, purpose = kind] = /^sms_(.+)$/.exec(kind) ?? [];
  const said = (words.value.mails.kinds as Readonly<Record<string, string>>)[purpose] ?? purpose;
  return purpose === kind ? said : words.value.mails.bySms(said);
}

/** What became of an account in a change of many; the code of a refusal that has no words. */
export const outcomeOf = (outcome: string): string =>
  (words.value.bulk.outcomes as Readonly<Record<string, string>>)[outcome] ?? outcome;

/** By what a second factor is proved. */
export const methodOf = (method: string): string =>
  (words.value.access.methods as Readonly<Record<string, string>>)[method] ?? method;

/** A time as the API writes it, as the reader does; null for never. */
export function timeOf(text: string | null): string {
  return text === null ? words.value.never : times.value.format(new Date(text));
}
