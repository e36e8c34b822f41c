import { idIn, textIn } from "../mail/http-delivery.ts";
import { mailIdOf } from "../mail/mail.ts";
import { objectOf } from "../mail/mail-events.ts";
import { type AcsOptions, acsRules, codeOf, createAcsCall, keyFinding } from "./acs-call.ts";
import { SmsFailure, type SmsReceipt, type VendorFinding, type VendorSender } from "./sms.ts";
import { type SmsTemplates, templateParameters } from "./sms-templates.ts";
import { refuse } from "./vendor-answer.ts";

/**
 * SMS through Aliyun (help.aliyun.com/zh/sms, SendSms, 2017-05-25): business refusals come as 200 with a Code. It knows no
 * idempotency key: a try whose answer is lost may send the message twice, with the same code.
 */
export interface AliyunSmsOptions extends AcsOptions {
  readonly signName: string;
  readonly templates: SmsTemplates;
}

export function createAliyunSms(options: AliyunSmsOptions): VendorSender {
  const { url, signName, templates, http } = options;
  const { host } = new URL(url);
  const call = createAcsCall(options, "2017-05-25");
  return {
    async send(message, signal): Promise<SmsReceipt> {
      const { id, parameters } = templateParameters(templates, message);
      const answer = await call(
        "SendSms",
        {
          ...{ PhoneNumbers: message.to.replace("+", ""), SignName: signName, TemplateCode: id },
          ...{ TemplateParam: JSON.stringify(parameters), OutId: mailIdOf(message.messageId) },
        },
        signal,
      );
      const { code, words } = codeOf(answer, host);
      if (code === "") throw new SmsFailure(words, { mayBeSent: true });
      if (code !== "OK") refuse(acsRules, code, words);
      const providerId = idIn(answer.json, "BizId");
      return { words: `${words} ${providerId}`.trim(), ...(providerId === "" ? {} : { providerId }) };
    },

    /** Asks for the signature and each template, by GetSmsSign and GetSmsTemplate. The balance is another product's. */
    async verify(): Promise<readonly VendorFinding[]> {
      const sign = await call("GetSmsSign", { SignName: signName });
      const asked = codeOf(sign, host);
      const found = [keyFinding(asked.code, asked.words)];
      if (found[0]?.isGood !== true) return found;
      const named = `${signName}: ${reviewOf(sign.json, "SignStatus") || asked.words}`;
      found.push({ about: "signature", isGood: statusOf(sign.json, "SignStatus") === "1", words: named });
      for (const id of new Set(Object.values(templates.ids))) {
        const template = await call("GetSmsTemplate", { TemplateCode: id });
        const words = `${id}: ${reviewOf(template.json, "TemplateStatus") || codeOf(template, host).words}`;
        found.push({ about: "template", isGood: statusOf(template.json, "TemplateStatus") === "1", words });
      }
      return found;
    },
    close: () => http.close(),
  };
}

type Json = Readonly<Record<string, unknown>>;

/** A number, or the same as a text. */
const statusOf = (json: Json, name: string): string => String(json[name] ?? "");

const reviews: Readonly<Record<string, string>> = {
  ...{ "0": "in review", "1": "approved", "2": "refused", "10": "withdrawn" },
};

function reviewOf(json: Json, name: string): string {
  const review = reviews[statusOf(json, name)] ?? "";
  const reason = textIn(objectOf(json.AuditInfo), "RejectInfo");
  return reason === "" ? review : `${review}, ${reason}`;
}
