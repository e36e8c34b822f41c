import { SettingProblem } from "../errors/setting-problem.ts";
import { defineSettings, limitText } from "../kernel/settings/room-settings.ts";
import { boolean, integer, itemsOf, limitPerHour, parsed } from "../kernel/settings/variable.ts";

/** Each once, in their order. Whether a country has numbers is found out where they are read. */
function readCountries(raw: string): readonly string[] {
  const countries = [...new Set(itemsOf(raw).map((one) => one.toUpperCase()))];
  const odd = countries.find((one) => !/^[A-Z]{2}$/.test(one));
  if (odd !== undefined || countries.length === 0) {
    throw new SettingProblem("smsCountry", { value: odd ?? raw });
  }
  return countries;
}

/** How long codes live, how often they are sent and may be wrong. */
export interface CodesSettings {
  readonly codeLifeSeconds: number;
  readonly sendIntervalSeconds: number;
  /** Per client address and hour; 0 = unlimited. */
  readonly codeRequestLimit: number;
  /** Codes sent to one address. */
  readonly codesPerHour: number;
  readonly codesPerDay: number;
  /** Codes by SMS: their life in seconds, and how many one number is sent. */
  readonly smsCodeLifeSeconds: number;
  readonly smsCodesPerHour: number;
  readonly smsCodesPerDay: number;
  /** Codes by SMS that one client address asks for; 0 = unlimited. */
  readonly smsRequestLimit: number;
  readonly smsRequestLimitPerDay: number;
  /** Per account that is logged in, in a day; 0 = unlimited. */
  readonly smsRequestLimitPerAccount: number;
  /** SMS of the whole site. */
  readonly smsPerHour: number;
  readonly smsPerDay: number;
  /** ISO 3166-1, two letters each: whose numbers get codes. */
  readonly smsCountries: readonly string[];
  /** Percent of codes by SMS that have to come back; 0 = whatever comes back. */
  readonly smsConversionFloor: number;
  /** How many times what one network may an IPv6 /48 may. */
  readonly widerNetworkFactor: number;
  /** Whether numbers of virtual operators get no code. */
  readonly smsRefusesVirtual: boolean;
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
    CODE_REQUEST_LIMIT: limitPerHour(
      { production: 120, development: 0 },
      {
        zh: "每个客户端地址每小时可请求的验证码数，0 表示缺省值。",
        en: "Codes one client address may ask for in an hour; 0 means the default.",
      },
    ),
    SMS_CODE_EXPIRES: integer(
      300,
      { min: 120, max: 600 },
      { zh: "短信验证码有效期（秒）。", en: "Life of a code by SMS in seconds." },
    ),
    SMS_CODES_PER_HOUR: integer(
      5,
      { min: 5, max: 100 },
      {
        zh: "同一手机号任意一小时内（滚动计算）最多发送的短信验证码数；其中五分之二只留给登录过该账号的设备。短信服务商一般也是 5 条。",
        en: "Codes sent to one number within any hour, as vendors count; two fifths are kept for devices that logged in to its account. Vendors in China send 5 as well.",
      },
    ),
    SMS_CODES_PER_DAY: integer(
      10,
      { min: 5, max: 1000 },
      {
        zh: "同一手机号任意一天内（滚动计算）最多发送的短信验证码数；其中五分之二只留给登录过该账号的设备。短信服务商一般也是 10 条。",
        en: "Codes sent to one number within any day, as vendors count; two fifths are kept for devices that logged in to its account. Vendors in China send 10 as well.",
      },
    ),
    SMS_REQUEST_LIMIT: limitPerHour(
      { production: 10, development: 0 },
      {
        zh: "每个客户端地址每小时可请求的短信验证码数，0 表示缺省值。",
        en: "Codes by SMS one client address may ask for in an hour; 0 means the default.",
      },
    ),
    SMS_REQUEST_LIMIT_PER_DAY: limitPerHour(
      { production: 50, development: 0 },
      {
        zh: "每个客户端地址每天可请求的短信验证码数，0 表示缺省值。",
        en: "Codes by SMS one client address may ask for in a day; 0 means the default.",
      },
    ),
    SMS_REQUEST_LIMIT_PER_ACCOUNT: limitPerHour(
      { production: 20, development: 0 },
      {
        zh: "每个已登录账号每天可请求的短信验证码数，0 表示缺省值。",
        en: "Codes by SMS one account that is logged in may ask for in a day; 0 means the default.",
      },
    ),
    SMS_HOURLY_BUDGET: integer(
      300,
      { min: 5, max: 1_000_000 },
      {
        zh: "全站每小时最多发送的短信数；没有账号验证过的手机号最多占一半，用完时日志写一条告警（alarm: sms_budget）；陌生设备合计最多占十分之九，其余只留给已知设备。",
        en: "SMS of the whole site within an hour. Numbers that no account has proved get half of it at most; when that is used up the log warns (alarm: sms_budget). Strangers get nine tenths at most, the rest is for known devices.",
      },
    ),
    SMS_DAILY_BUDGET: integer(
      2000,
      { min: 5, max: 10_000_000 },
      {
        zh: "全站每天最多发送的短信数，分配同上。",
        en: "SMS of the whole site within a day, shared out likewise.",
      },
    ),
    SMS_CONVERSION_FLOOR: integer(
      20,
      { min: 0, max: 90 },
      {
        zh: "一小时内发往一个国家或地区的短信验证码至少有百分之多少被填回；低于它时向陌生设备要求人机验证，并告警（alarm: sms_conversion）。0 表示不看。",
        en: "Percent of the codes by SMS of a country and hour that have to come back; below it strangers are asked for a captcha and the log warns (alarm: sms_conversion). 0: not looked at.",
      },
    ),
    WIDER_NETWORK_FACTOR: integer(
      10,
      { min: 1, max: 65_536 },
      {
        zh: "一个 IPv6 /48 的限额是一个 /64（或 IPv4 地址）的多少倍。",
        en: "How many times the limits of a /64, or an IPv4 address, an IPv6 /48 has.",
      },
    ),
    SMS_COUNTRIES: parsed<readonly string[]>(
      ["CN"],
      {
        fallbackText: "CN",
        zh: "短信发往哪些国家和地区：ISO 3166-1 两位代码，以逗号分隔，如 CN,HK,MO,TW。中国大陆以外的手机号须写成 E.164 格式（+852…）。",
        en: "Countries that SMS go to: two letters of ISO 3166-1 each, as in CN,HK,MO,TW. Numbers outside of mainland China are written in E.164 (+852…).",
      },
      readCountries,
    ),
    SMS_REFUSE_VIRTUAL: boolean(false, {
      zh: "是否不向虚拟运营商号段（162、165、167、170、171）发送短信验证码。",
      en: "Whether numbers of virtual operators (162, 165, 167, 170, 171) get no code by SMS.",
    }),
    CODE_TRY_LIMIT: limitPerHour(
      { production: 300, development: 1000 },
      {
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
    codeRequestLimit: env.CODE_REQUEST_LIMIT(production),
    smsCodeLifeSeconds: env.SMS_CODE_EXPIRES,
    smsCodesPerHour: env.SMS_CODES_PER_HOUR,
    smsCodesPerDay: env.SMS_CODES_PER_DAY,
    smsRequestLimit: env.SMS_REQUEST_LIMIT(production),
    smsRequestLimitPerDay: env.SMS_REQUEST_LIMIT_PER_DAY(production),
    smsRequestLimitPerAccount: env.SMS_REQUEST_LIMIT_PER_ACCOUNT(production),
    smsPerHour: env.SMS_HOURLY_BUDGET,
    smsPerDay: env.SMS_DAILY_BUDGET,
    smsConversionFloor: env.SMS_CONVERSION_FLOOR,
    widerNetworkFactor: env.WIDER_NETWORK_FACTOR,
    smsCountries: env.SMS_COUNTRIES,
    smsRefusesVirtual: env.SMS_REFUSE_VIRTUAL,
    codeTryLimit: env.CODE_TRY_LIMIT(production),
    wrongCodeAlarm: env.WRONG_CODE_ALARM,
  }),
  inForce: ({
    codeRequestLimit,
    codeTryLimit,
    smsRequestLimit,
    smsRequestLimitPerDay,
    smsRequestLimitPerAccount,
  }) => ({
    CODE_REQUEST_LIMIT: limitText(codeRequestLimit),
    SMS_REQUEST_LIMIT: limitText(smsRequestLimit),
    SMS_REQUEST_LIMIT_PER_DAY: limitText(smsRequestLimitPerDay),
    SMS_REQUEST_LIMIT_PER_ACCOUNT: limitText(smsRequestLimitPerAccount),
    CODE_TRY_LIMIT: limitText(codeTryLimit),
  }),
});
