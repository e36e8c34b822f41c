import { isForeignMobile } from "../../kernel/mobile.ts";
import { idIn } from "../mail/http-delivery.ts";
import { mailIdOf } from "../mail/mail.ts";
import { objectOf } from "../mail/mail-events.ts";
import { type AcsOptions, acsRules, codeOf, createAcsCall, keyFinding } from "./acs-call.ts";
import { SmsFailure, type SmsReceipt, SmsRefused, type VendorFinding, type VendorSender } from "./sms.ts";
import { type SmsTemplates, templateParameters } from "./sms-templates.ts";
import { refuse } from "./vendor-answer.ts";

/**
 * SMS through Aliyun's number verification (help.aliyun.com/zh/pnvs, SendSmsVerifyCode, 2017-05-25), which lends whoever has
 * no company its own signatures and templates. The code is ours; what it could check is not asked.
 */
export interface DypnsSmsOptions extends AcsOptions {
  readonly signName: string;
  readonly templates: SmsTemplates;
}

export function createDypnsSms(options: DypnsSmsOptions): VendorSender {
  const { url, signName, templates, http } = options;
  const { host } = new URL(url);
  const call = createAcsCall(options, "2017-05-25");
  return {
    async send(message, signal): Promise<SmsReceipt> {
      // It knows numbers of mainland China alone.
      if (isForeignMobile(message.to)) throw new SmsRefused("number", "number verification is for +86");
      const { id, parameters } = templateParameters(templates, message);
      const answer = await call(
        "SendSmsVerifyCode",
        {
          ...{ PhoneNumber: message.to, SignName: signName, TemplateCode: id },
          ...{ TemplateParam: JSON.stringify(parameters), OutId: mailIdOf(message.messageId) },
        },
        signal,
      );
      const { code, words } = codeOf(answer, host);
      if (code === "") throw new SmsFailure(words, { mayBeSent: true });
      if (code !== "OK") refuse(acsRules, code, words);
      const providerId = idIn(objectOf(answer.json.Model), "BizId");
      return { words: `${words} ${providerId}`.trim(), ...(providerId === "" ? {} : { providerId }) };
    },

    /** Only the key can be asked about: by a scheme that there is not. */
    async verify(): Promise<readonly VendorFinding[]> {
      const { code, words } = codeOf(await call("DescribeVerifyScheme", { SchemeCode: "none" }), host);
      return [keyFinding(code, words)];
    },
    close: () => http.close(),
  };
}
