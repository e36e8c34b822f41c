import { SettingProblem } from "../errors/setting-problem.ts";
import { defineSettings, limitText } from "../kernel/settings/room-settings.ts";
import { boolean, choice, limitPerHour, parsed } from "../kernel/settings/variable.ts";

/** Which front ends the API speaks to beside its own pages, and what the classic ones need. */
export interface ClassicSettings {
  /** `classic`: front ends of mobile numbers and picture codes. */
  readonly contract: "email" | "classic";
  /** Whether a code by SMS takes a picture code. */
  readonly smsCaptcha: "required" | "optional";
  /** What every picture shows in development; null for a text of its own. */
  readonly sandboxCaptchaText: string | null;
  /** Pictures that one client address may draw in an hour; 0 = unlimited. */
  readonly pictureLimit: number;
  /** Find-password steps of one client address in an hour; 0 = unlimited. */
  readonly findPasswordLimit: number;
  /** Whether areas, addresses and the empty browsing history are served here, and not by the shop. */
  readonly servesAddresses: boolean;
}

export const classicSettings = defineSettings({
  variables: {
    CONTRACT: choice("email", ["email", "classic"], {
      zh: "classic：另外提供老版前端（手机号、图形验证码、找回密码四步）所用的接口，并把未设置的 OAUTH_STATE、LANGUAGES、SIGN_UP_BY 设为它们所需的值。见 docs/classic.zh.md。",
      en: "classic: serves what the classic front ends call as well (numbers, picture codes, a forgotten password in four steps), and sets OAUTH_STATE, LANGUAGES and SIGN_UP_BY to what they need, where these are unset. See docs/classic.md.",
    }),
    SMS_CAPTCHA: choice("required", ["required", "optional"], {
      zh: "CONTRACT=classic 时发送短信验证码是否必须先填图形验证码；optional 供注册页没有图形验证码的前端使用，填了仍会检查。找回密码始终必填。",
      en: "With CONTRACT=classic, whether a code by SMS takes a picture code; optional for front ends that have none at sign-up, where one that is sent is still checked. To find a password it always does.",
    }),
    PICTURE_CODE_LIMIT: limitPerHour(
      { production: 240, development: 0 },
      {
        zh: "每个客户端地址每小时可获取的图形验证码数，0 表示缺省值。",
        en: "Picture codes that one client address may draw in an hour; 0 means the default.",
      },
    ),
    FIND_PASSWORD_LIMIT: limitPerHour(
      { production: 30, development: 0 },
      {
        zh: "每个客户端地址每小时可在找回密码的第一步和第二步各查询的次数，0 表示缺省值。",
        en: "How often one client address may take the first step to find a password in an hour, and the second; 0 means the default.",
      },
    ),
    CLASSIC_ADDRESSES: boolean(true, {
      zh: "CONTRACT=classic 时是否由这里提供省市区、收货地址和空的浏览记录；由商城自己提供时设为 false。",
      en: "With CONTRACT=classic, whether areas, delivery addresses and an empty browsing history are served here; false where the shop serves them.",
    }),
    SANDBOX_CAPTCHA_TEXT: parsed<string | null>(
      null,
      {
        fallbackText: "(none)",
        zh: "开发和测试：每张图形验证码都显示这个文字（4 到 6 个字母或数字）。生产环境不可用。",
        en: "For development and tests: what every picture code shows, 4 to 6 letters or digits. Refused in production.",
      },
      readPictureText,
    ),
  },
  settings: (env, { production }): ClassicSettings => ({
    contract: env.CONTRACT,
    smsCaptcha: env.SMS_CAPTCHA,
    sandboxCaptchaText: production ? null : env.SANDBOX_CAPTCHA_TEXT,
    pictureLimit: env.PICTURE_CODE_LIMIT(production),
    findPasswordLimit: env.FIND_PASSWORD_LIMIT(production),
    servesAddresses: env.CONTRACT === "classic" && env.CLASSIC_ADDRESSES,
  }),
  problems: (env, { production }) =>
    production && env.SANDBOX_CAPTCHA_TEXT !== null
      ? [{ variable: "SANDBOX_CAPTCHA_TEXT", code: "captchaTextInProduction" }]
      : [],
  inForce: ({ pictureLimit, findPasswordLimit }) => ({
    PICTURE_CODE_LIMIT: limitText(pictureLimit),
    FIND_PASSWORD_LIMIT: limitText(findPasswordLimit),
  }),
  idle({ contract }) {
    if (contract === "classic") return {};
    const reason = "CONTRACT is email";
    return {
      ...{ SMS_CAPTCHA: reason, PICTURE_CODE_LIMIT: reason, FIND_PASSWORD_LIMIT: reason },
      ...{ CLASSIC_ADDRESSES: reason, SANDBOX_CAPTCHA_TEXT: reason },
    };
  },
});

function readPictureText(raw: string): string {
  if (/^[A-Za-z0-9]{4,6}$/.test(raw)) return raw.toUpperCase();
  throw new SettingProblem("captchaText", { value: raw.slice(0, 30) });
}
