import { SettingProblem } from "../../errors/setting-problem.ts";
import { defineSettings, type SettingRefusal } from "../../kernel/settings/room-settings.ts";
import { parsed, text, url } from "../../kernel/settings/variable.ts";
import { readWebhookSecret } from "../../kernel/webhook-signature.ts";
import { smsNotices, smsTexts } from "../../words/sms-texts.ts";
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
  /** Signs what a program of the site's reports of SMS; null where none reports. */
  readonly smsEventsSecret: Buffer | null;
  /** In the address that Aliyun, Tencent and Yunpian report to. */
  readonly smsEventsToken: string | null;
}

export const smsSettings = defineSettings({
  variables: {
    SMS_URL: url(smsSchemes, parseSmsUrl, {
      fallbackText: "the development mailbox; none in production",
      zh: "短信由谁发出：aliyun://、dypns://、tencent://、yunpian://、twilio://、hook+https://，见 docs/sms.zh.md。",
      en: "By whom SMS go out: aliyun://, dypns://, tencent://, yunpian://, twilio:// or hook+https://; see docs/sms.md.",
    }),
    SMS_SIGN_NAME: text("", {
      zh: "审核通过的短信签名，不带【】。",
      en: "The approved signature of SMS, without 【】.",
    }),
    SMS_TEMPLATES: parsed<SmsTemplates["ids"]>(
      {},
      {
        fallbackText: "(none)",
        zh: "各用途的短信模板：changeMobile=SMS_1,*=SMS_2；只写一个编号则用于所有验证码。leaveMobile、deleteAccount、accountDeleted、joinAccount 和 impersonation 是通知，须单独写出，见 docs/sms.zh.md。",
        en: "Templates of SMS by purpose: changeMobile=SMS_1,*=SMS_2; one id alone is for all codes. leaveMobile, deleteAccount, accountDeleted, joinAccount and impersonation are notices and have to be named; see docs/sms.md.",
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
    SMS_EVENTS_SECRET: parsed<Buffer | null>(
      null,
      {
        secret: true,
        zh: "自己的程序报告短信投递结果时的签名密钥 whsec_…，见 docs/sms.zh.md。",
        en: "The whsec_… secret by which your own program signs what it reports of SMS; see docs/sms.md.",
      },
      (raw) => {
        const secret = readWebhookSecret(raw);
        if (secret === null) throw new SettingProblem("hookSecret");
        return secret;
      },
    ),
    SMS_EVENTS_TOKEN: parsed<string | null>(
      null,
      {
        secret: true,
        zh: "阿里云、腾讯云、云片报告短信投递结果的地址 /sms/events/<Token>/ 中的 Token，16 到 200 个字母、数字或 - _。",
        en: "The token in the address /sms/events/<token>/ that Aliyun, Tencent and Yunpian report to: 16 to 200 letters, digits, - and _.",
      },
      (raw) => {
        if (!/^[\w-]{16,200}$/.test(raw)) throw new SettingProblem("mailEventsToken");
        return raw;
      },
    ),
  },
  settings: (env): SmsVendorSettings => ({
    smsUrl: env.SMS_URL,
    smsSignName: env.SMS_SIGN_NAME,
    smsTemplates: env.SMS_TEMPLATES,
    smsTemplateParams: env.SMS_TEMPLATE_PARAMS,
    smsEventsSecret: env.SMS_EVENTS_SECRET,
    smsEventsToken: env.SMS_EVENTS_TOKEN,
  }),
  problems(env, { isSet }) {
    if (env.SMS_URL === null || !sendsTemplates(parseSmsUrl(env.SMS_URL))) return [];
    const missing = withoutTemplate(
      env.SMS_TEMPLATES,
      Object.keys(smsTexts).filter((purpose) => !smsNotices.includes(purpose)),
    );
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
    const templates = ["SMS_TEMPLATES", "SMS_TEMPLATE_PARAMS"];
    const names = ["SMS_SIGN_NAME", ...templates, "SMS_EVENTS_SECRET", "SMS_EVENTS_TOKEN"];
    if (smsUrl === null) return reasonFor(names, "there is no SMS_URL");
    const { by } = parseSmsUrl(smsUrl);
    const noReports = "SMS_URL names none that reports by it";
    return {
      ...(sendsTemplates({ by }) ? {} : reasonFor(templates, "SMS_URL names one that sends texts")),
      ...(by === "hook" || by === "twilio" ? { SMS_SIGN_NAME: "SMS_URL names one that takes none" } : {}),
      ...(by === "hook" ? {} : { SMS_EVENTS_SECRET: noReports }),
      ...(sendsTemplates({ by }) || by === "yunpian" ? {} : { SMS_EVENTS_TOKEN: noReports }),
    };
  },
});

const reasonFor = (names: readonly string[], reason: string) =>
  Object.fromEntries(names.map((name) => [name, reason]));
