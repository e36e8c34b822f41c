import { SettingProblem } from "../../errors/setting-problem.ts";
import { itemsOf } from "../../kernel/settings/variable.ts";
import { type SmsNotice, smsNotices } from "../../words/sms-texts.ts";
import { type OutgoingSms, SmsRefused } from "./sms.ts";
import { type SmsTransport, sendsTemplates } from "./sms-url.ts";

/** What of a message goes into a template, and under which name. */
export interface TemplateParameter {
  readonly name: string;
  readonly value: "code" | "minutes";
}

/** Which template of the vendor's each purpose is sent by, and what is filled in. */
export interface SmsTemplates {
  /** By the purpose; `*` is for all that are not named. */
  readonly ids: Readonly<Record<string, string>>;
  readonly parameters: readonly TemplateParameter[];
}

/** `changeMobile=SMS_1,register=SMS_2,*=SMS_3`, or one id alone for all. Throws a SettingProblem. */
export function readTemplateIds(raw: string): Readonly<Record<string, string>> {
  const items = itemsOf(raw);
  const pairs = items.map((item) => {
    const [, purpose = "*", id = ""] = /^(?:([A-Za-z]+|\*)=)?([\w-]{1,100})$/.exec(item) ?? [];
    if (id === "") throw new SettingProblem("smsTemplatesForm", { value: item });
    return [purpose, id] as const;
  });
  if (pairs.length === 0 || new Set(pairs.map(([purpose]) => purpose)).size < pairs.length) {
    throw new SettingProblem("smsTemplatesForm", { value: raw });
  }
  return Object.fromEntries(pairs);
}

/** `code,min=minutes`: in the template's order, the name being the template's own. Throws a SettingProblem. */
export function readTemplateParameters(raw: string): readonly TemplateParameter[] {
  return itemsOf(raw).map((item) => {
    const [, name, given] = /^(\w{1,40})(?:=(code|minutes))?$/.exec(item) ?? [];
    const value = given ?? name;
    if (name === undefined || (value !== "code" && value !== "minutes")) {
      throw new SettingProblem("smsParameters", { value: item });
    }
    return { name, value };
  });
}

/** Those of the purposes that have no template. */
export const withoutTemplate = (ids: SmsTemplates["ids"], purposes: readonly string[]): readonly string[] =>
  purposes.filter((purpose) => ids[purpose] === undefined && ids["*"] === undefined);

/**
 * Whether a number can be told something that is no code: who sends texts can; who sends templates needs one for it, and Aliyun's
 * number verification has none but its own for codes.
 */
export const sendsNotice = (
  { by }: Pick<SmsTransport, "by">,
  ids: SmsTemplates["ids"],
  notice: SmsNotice,
): boolean => !sendsTemplates({ by }) || (by !== "dypns" && ids[notice] !== undefined);

/** The message's template, and its values as texts: vendors refuse numbers. Error: `SmsRefused` without a template. */
export function templateParameters(
  { ids, parameters }: SmsTemplates,
  { purpose, code, minutes }: Pick<OutgoingSms, "purpose" | "code" | "minutes">,
): { readonly id: string; readonly parameters: Readonly<Record<string, string>> } {
  const isNotice = smsNotices.includes(purpose);
  const id = ids[purpose] ?? (isNotice ? undefined : ids["*"]);
  if (id === undefined) throw new SmsRefused("template", `SMS_TEMPLATES has none for ${purpose}`);
  // As approved: its words are whole.
  if (isNotice) return { id, parameters: {} };
  const values = { code, minutes: String(minutes) };
  return {
    id,
    parameters: Object.fromEntries(parameters.map(({ name, value }) => [name, values[value]])),
  };
}
