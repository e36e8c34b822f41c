import { defineSettings, type SettingRefusal } from "../../kernel/settings/room-settings.ts";
import { parsed, text, url } from "../../kernel/settings/variable.ts";
import { smsTexts } from "../../words/sms-texts.ts";
import {
  readTemplateIds,
  readTemplateParameters,
  type SmsTemplates,
  withoutTemplate,
} from "./sms-templates.ts";
import { parseSmsUrl, sendsTemplates, smsSchemes } from "./sms-url.ts";

/** By whom SMS go out, and by which of their templates. */
export interface SmsVendorSettings {
  /** Null: the development mailbox, or none at all. */
  readonly smsUrl: string | null;
  readonly smsSignName: string;
  readonly smsTemplates: SmsTemplates["ids"];
  /** Null: as the vendor's usual templates have them. */
  readonly smsTemplateParams: SmsTemplates["parameters"] | null;
}

export const smsSettings = defineSettings({
  variables: {
    SMS_URL: url(smsSchemes, parseSmsUrl, {
      fallbackText: "the development mailbox; none in production",
      zh: "短信由谁发出：aliyun://…，见 docs/sms.zh.md。",
      en: "By whom SMS go out: aliyun://…; see docs/sms.md.",
    }),
    SMS_SIGN_NAME: text("", {
      zh: "审核通过的短信签名，不带【】。",
      en: "The approved signature of SMS, without 【】.",
    }),
    SMS_TEMPLATES: parsed<SmsTemplates["ids"]>(
      {},
      {
        zh: "各用途的短信模板：changeMobile=SMS_1,*=SMS_2；只写一个编号则用于所有用途。",
        en: "Templates of SMS by purpose: changeMobile=SMS_1,*=SMS_2; one id alone is for all.",
      },
      readTemplateIds,
    ),
    SMS_TEMPLATE_PARAMS: parsed<SmsTemplates["parameters"] | null>(
      null,
      {
        fallbackText: "as the vendor's usual templates have them",
        zh: "模板的变量，按模板中的顺序：变量名=code 或 minutes，如 code,min=minutes。",
        en: "What the templates are filled with, in their order: name=code or name=minutes, as in code,min=minutes.",
      },
      readTemplateParameters,
    ),
  },
  settings: (env): SmsVendorSettings => ({
    smsUrl: env.SMS_URL,
    smsSignName: env.SMS_SIGN_NAME,
    smsTemplates: env.SMS_TEMPLATES,
    smsTemplateParams: env.SMS_TEMPLATE_PARAMS,
  }),
  problems(env, { isSet }) {
    if (env.SMS_URL === null || !sendsTemplates(parseSmsUrl(env.SMS_URL))) return [];
    const missing = withoutTemplate(env.SMS_TEMPLATES, Object.keys(smsTexts));
    const found: SettingRefusal<"SMS_SIGN_NAME" | "SMS_TEMPLATES">[] = [];
    if (env.SMS_SIGN_NAME === "") found.push({ variable: "SMS_SIGN_NAME", code: "smsSignName" });
    // Where it can't be read, that is said already.
    if (missing.length > 0 && (!isSet("SMS_TEMPLATES") || Object.keys(env.SMS_TEMPLATES).length > 0)) {
      const parameters = { missing: missing.join(", ") };
      found.push({ variable: "SMS_TEMPLATES", code: "smsTemplates", parameters });
    }
    return found;
  },
  idle({ smsUrl }) {
    const names = ["SMS_SIGN_NAME", "SMS_TEMPLATES", "SMS_TEMPLATE_PARAMS"];
    if (smsUrl === null) return reasonFor(names, "there is no SMS_URL");
    return sendsTemplates(parseSmsUrl(smsUrl)) ? {} : reasonFor(names, "SMS_URL names one that sends texts");
  },
});

const reasonFor = (names: readonly string[], reason: string) =>
  Object.fromEntries(names.map((name) => [name, reason]));
