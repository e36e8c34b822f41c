import { parseStoreUrl } from "../../avatars/store-url.ts";
import { type Names, nameIn } from "../../brand/brand.ts";
import type { Config } from "../../config/config.ts";
import { deviceLifeDays } from "../../devices/asker.ts";
import { mailHost, parseMailUrl } from "../../engines/mail/mail-url.ts";
import { parseSmsUrl, smsHost } from "../../engines/sms/sms-url.ts";

/** What an installation's settings say of how it treats what is people's own: all that the page is filled with. */
export type PrivacyFacts = ReturnType<typeof privacyFacts>;

/** Somebody else who gets something of a person. `isAbroad`: outside mainland China, as far as the name tells. */
export interface Receiver {
  readonly name: Readonly<Record<"zh" | "en", string>>;
  readonly isAbroad: boolean;
}

const known: Readonly<Record<string, Receiver>> = {
  aliyun: { name: { zh: "阿里云计算有限公司", en: "Alibaba Cloud" }, isAbroad: false },
  dypns: { name: { zh: "阿里云计算有限公司", en: "Alibaba Cloud" }, isAbroad: false },
  directmail: { name: { zh: "阿里云计算有限公司", en: "Alibaba Cloud" }, isAbroad: false },
  tencent: { name: { zh: "腾讯云计算（北京）有限责任公司", en: "Tencent Cloud" }, isAbroad: false },
  yunpian: { name: { zh: "上海云片网络科技有限公司（云片）", en: "Yunpian" }, isAbroad: false },
  geetest: { name: { zh: "武汉极意网络科技有限公司（极验）", en: "GeeTest" }, isAbroad: false },
  twilio: { name: { zh: "Twilio Inc.（美国）", en: "Twilio Inc. (USA)" }, isAbroad: true },
  turnstile: { name: { zh: "Cloudflare, Inc.（美国）", en: "Cloudflare, Inc. (USA)" }, isAbroad: true },
  hcaptcha: {
    name: { zh: "Intuition Machines, Inc.（美国）", en: "Intuition Machines, Inc. (USA)" },
    isAbroad: true,
  },
  resend: { name: { zh: "Resend（美国）", en: "Resend (USA)" }, isAbroad: true },
};

function receiver(by: string, en: string, zh = en): Receiver {
  // One that nobody knows by name is the operator's to name.
  return known[by] ?? { name: { zh: `【${zh} 的运营者】`, en: `【who runs ${en}】` }, isAbroad: false };
}

/** Of each host once. */
const receiversAt = (urls: readonly string[]) =>
  [...new Set(urls.map((url) => new URL(url).host))].map((host) => receiver("", host));

const both = (names: Names) => ({ zh: nameIn(names, "zh"), en: nameIn(names, "en") });

export function privacyFacts(config: Config, now: number) {
  const { brand } = config;
  const mail = config.mailUrl === null ? null : parseMailUrl(config.mailUrl);
  const sms = config.smsUrl === null ? null : parseSmsUrl(config.smsUrl);
  const captcha = config.captcha.by;
  const isVendorCaptcha = captcha !== "altcha" && captcha !== "none";
  const providers = config.oauth.providers
    .flatMap(({ configured }) => configured)
    .map(({ title, company }): { title: Receiver["name"]; receiver: Receiver } => ({
      title,
      receiver: company ? { name: company, isAbroad: company.isAbroad } : receiver("", title.en, title.zh),
    }));
  return {
    date: new Date(now).toISOString().slice(0, 10),
    name: both(brand.name),
    operator: brand.isOwn ? both(brand.operator) : null,
    supportEmail: brand.supportEmail,
    site: config.publicSiteUrl,
    takes: {
      mobile: sms !== null || config.signUpBy.includes("mobile"),
      addresses: config.servesAddresses,
      age: config.ageGate,
      marketing: Object.keys(config.choiceVersions).length > 0,
      fields: config.extraFields.map(({ label }) => both(label)),
    },
    mail: mail === null ? null : receiver(mail.by, mailHost(mail)),
    sms: sms === null ? null : receiver(sms.by, smsHost(sms)),
    captcha: isVendorCaptcha ? receiver(captcha, captcha) : null,
    providers,
    pictures: config.avatarStore === null ? [] : receiversAt([parseStoreUrl(config.avatarStore).url]),
    hooks: receiversAt(Object.values(config.hookUrls)),
    asksOfBreaches: config.breachedPasswordsUrl,
    cookies: {
      session: config.siteSession === "cookie",
      deviceDays: deviceLifeDays,
      trustedDays: config.rememberDeviceDays,
    },
    days: {
      deletion: config.deletionGraceDays,
      names: config.nameHoldDays,
      audit: config.auditErasedDays,
      session: Math.ceil(config.sessionLimits.visitors.lifeSeconds / 86_400),
    },
  };
}
