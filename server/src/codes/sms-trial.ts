import type { SmsSender } from "../engines/sms/sms.ts";
import { invalidFields } from "../errors/errors.ts";
import type { Language } from "../words/language.ts";
import { smsTexts } from "../words/sms-texts.ts";
import type { SmsNumbers } from "./sms-countries.ts";
import { type SmsPurpose, smsPurposes } from "./sms-purposes.ts";

/** SMS as people get them, to look at, and one to try whether it arrives. Its code opens nothing: nobody asked for it. */
export interface SmsTrial {
  /** What a message says with values of nobody; a vendor that has templates of its own sends those. */
  text(template: SmsTemplate, language: Language): string;
  /**
   * To a number of SMS_COUNTRIES, which has its form already, at once. Errors: `invalid_fields`, and the sender's own: `SmsFailure`, `PermanentFailure`.
   */
  send(wish: {
    readonly template: SmsPurpose;
    readonly language: Language;
    readonly to: string;
    readonly messageId: string;
  }): Promise<void>;
}

/** Every SMS there is, and those with a code, which alone can be tried. */
export type SmsTemplate = keyof typeof smsTexts;
export const smsTemplates = Object.keys(smsTexts) as SmsTemplate[];
export const triedTemplates = smsPurposes;

const sample = { code: "000000", days: 7 } as const;

export function createSmsTrial({
  say,
  sender,
  numbers,
  codeLifeSeconds,
}: {
  readonly say: (
    template: SmsTemplate,
    language: Language,
    values: { readonly code: string; readonly minutes: number; readonly days: number },
  ) => string;
  readonly sender: Pick<SmsSender, "send">;
  readonly numbers: Pick<SmsNumbers, "problem">;
  readonly codeLifeSeconds: number;
}): SmsTrial {
  const minutes = Math.max(1, Math.floor(codeLifeSeconds / 60));
  const text = (template: SmsTemplate, language: Language) => say(template, language, { ...sample, minutes });
  return {
    text,
    async send({ template, language, to, messageId }) {
      const problem = numbers.problem(to);
      if (problem !== null) throw invalidFields({ field: "to", code: problem });
      const message = { to, purpose: template, code: sample.code, minutes, messageId };
      await sender.send({ ...message, text: text(template, language) });
    },
  };
}
