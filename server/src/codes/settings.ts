import { defineSettings, limitText } from "../kernel/settings/room-settings.ts";
import { integer } from "../kernel/settings/variable.ts";

/** How long codes live, how often they are sent and may be wrong. */
export interface CodesSettings {
  readonly codeLifeSeconds: number;
  readonly sendIntervalSeconds: number;
  /** Per client address and hour; 0 = unlimited. */
  readonly codeRequestLimit: number;
  /** Codes sent to one address. */
  readonly codesPerHour: number;
  readonly codesPerDay: number;
  /** Wrong codes, per client address and hour. */
  readonly codeTryLimit: number;
  /** Wrong codes of the whole site in an hour. */
  readonly wrongCodeAlarm: number;
}

export const codesSettings = defineSettings({
  variables: {
    EMAIL_CODE_EXPIRES: integer(
      180,
      { min: 5, max: 3600 },
      { zh: "邮箱验证码有效期（秒）。", en: "Life of a verification code in seconds." },
    ),
    SEND_CODE_INTERVAL: integer(
      60,
      { min: 1, max: 3600 },
      {
        zh: "同一客户端（设备或网络）向同一邮箱两次发送的最短间隔（秒）。",
        en: "Least number of seconds between two codes that one client (device or network) asks for one address.",
      },
    ),
    EMAIL_CODES_PER_HOUR: integer(
      5,
      { min: 5, max: 1000 },
      {
        zh: "同一邮箱每小时最多发送的验证码邮件数；其中五分之二只留给登录过该账号的设备。",
        en: "Codes mailed to one address within an hour; two fifths are kept for devices that logged in to its account.",
      },
    ),
    EMAIL_CODES_PER_DAY: integer(
      10,
      { min: 5, max: 10_000 },
      {
        zh: "同一邮箱每天最多发送的验证码邮件数；其中五分之二只留给登录过该账号的设备。",
        en: "Codes mailed to one address within a day; two fifths are kept for devices that logged in to its account.",
      },
    ),
    CODE_REQUEST_LIMIT: integer(
      0,
      { min: 0, max: 1_000_000 },
      {
        fallbackText: "120 (production), 0 (development)",
        zh: "每个客户端地址每小时可请求的验证码数，0 表示缺省值。",
        en: "Codes one client address may ask for in an hour; 0 means the default.",
      },
    ),
    CODE_TRY_LIMIT: integer(
      0,
      { min: 0, max: 1_000_000 },
      {
        fallbackText: "300 (production), 1000 (development)",
        zh: "每个客户端地址每小时可输错的验证码数，0 表示缺省值。",
        en: "Wrong verification codes one client address may type in an hour; 0 means the default.",
      },
    ),
    WRONG_CODE_ALARM: integer(
      300,
      { min: 1, max: 1_000_000_000 },
      {
        zh: "全站一小时内输错的验证码达到此数时，日志写一条告警（alarm: wrong_codes）。",
        en: "Wrong verification codes on the whole site within an hour at which the log warns (alarm: wrong_codes).",
      },
    ),
  },
  settings: (env, { production }): CodesSettings => ({
    codeLifeSeconds: env.EMAIL_CODE_EXPIRES,
    sendIntervalSeconds: env.SEND_CODE_INTERVAL,
    codesPerHour: env.EMAIL_CODES_PER_HOUR,
    codesPerDay: env.EMAIL_CODES_PER_DAY,
    codeRequestLimit: env.CODE_REQUEST_LIMIT || (production ? 120 : 0),
    codeTryLimit: env.CODE_TRY_LIMIT || (production ? 300 : 1000),
    wrongCodeAlarm: env.WRONG_CODE_ALARM,
  }),
  inForce: ({ codeRequestLimit, codeTryLimit }) => ({
    CODE_REQUEST_LIMIT: limitText(codeRequestLimit),
    CODE_TRY_LIMIT: limitText(codeTryLimit),
  }),
});
