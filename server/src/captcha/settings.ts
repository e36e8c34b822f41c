import { defineSettings } from "../kernel/settings/room-settings.ts";
import { limitPerHour, parsed } from "../kernel/settings/variable.ts";
import { type CaptchaTransport, captchaSchemes, parseCaptchaUrl } from "./captcha-url.ts";

/** Whose captcha it is, and when it is asked for. */
export interface CaptchaSettings {
  readonly captcha: CaptchaTransport;
  /** SMS of one client network within an hour, after which it is asked; 0 = never for that. */
  readonly captchaAfterSms: number;
  /** Codes by e-mail likewise, before one to log in with. */
  readonly captchaAfterEmails: number;
}

export const captchaSettings = defineSettings({
  variables: {
    CAPTCHA_URL: parsed<CaptchaTransport>(
      { by: "altcha" },
      {
        secret: true,
        fallbackText: "altcha",
        zh: `有风险时要求的人机验证：altcha（本站自己的工作量证明）、none，或 ${captchaSchemes
          .slice(1)
          .filter((one) => !one.includes("+"))
          .join("://、")}://，见 docs/limits.zh.md。`,
        en: `The captcha that is asked for where there is a risk: altcha (the site's own, a proof of work), none, or ${captchaSchemes
          .slice(1)
          .filter((one) => !one.includes("+"))
          .join("://, ")}://; see docs/limits.md.`,
      },
      parseCaptchaUrl,
    ),
    CAPTCHA_AFTER_SMS: limitPerHour(
      { production: 3, development: 0 },
      {
        zh: "同一网络一小时内请求多少条短信后要求人机验证，0 表示缺省值。",
        en: "SMS that one client network asks for within an hour before it is asked for a captcha; 0 means the default.",
      },
    ),
    CAPTCHA_AFTER_EMAILS: limitPerHour(
      { production: 30, development: 0 },
      {
        zh: "同一网络一小时内请求多少个邮箱验证码后，请求登录验证码要求人机验证，0 表示缺省值。",
        en: "Codes by e-mail that one client network asks for within an hour before one to log in with takes a captcha; 0 means the default.",
      },
    ),
  },
  settings: (env, { production }): CaptchaSettings => ({
    captcha: env.CAPTCHA_URL,
    captchaAfterSms: env.CAPTCHA_AFTER_SMS(production),
    captchaAfterEmails: env.CAPTCHA_AFTER_EMAILS(production),
  }),
  problems: (env, { production }) => {
    const captcha = env.CAPTCHA_URL;
    const isPlain = production && "url" in captcha && captcha.url.startsWith("http:");
    return isPlain ? [{ variable: "CAPTCHA_URL", code: "captchaInProduction" }] : [];
  },
  inForce: ({ captchaAfterSms, captchaAfterEmails }) => ({
    CAPTCHA_AFTER_SMS: captchaAfterSms === 0 ? "(never)" : String(captchaAfterSms),
    CAPTCHA_AFTER_EMAILS: captchaAfterEmails === 0 ? "(never)" : String(captchaAfterEmails),
  }),
});
