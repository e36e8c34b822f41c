import { day, hour, type Limit, limitText as t } from "./limit.ts";

/** Codes by mail and SMS: how many are sent, and how often one may be wrong. */
export const codeLimits = {
  "code-interval": {
    ...{ counts: t("发送验证码", "codes sent"), of: "addressClient", most: 1, full: "tooFrequent" },
    ...{ within: t("SEND_CODE_INTERVAL 秒", "SEND_CODE_INTERVAL seconds"), settings: ["SEND_CODE_INTERVAL"] },
  },
  "address-hour": {
    counts: t("发送验证码，五分之二留给已知设备", "codes sent, two fifths of them kept for known devices"),
    ...{ of: "address", windowSeconds: hour, full: "tooFrequent" },
    settings: ["EMAIL_CODES_PER_HOUR", "SMS_CODES_PER_HOUR"],
  },
  "address-day": {
    counts: t("发送验证码，五分之二留给已知设备", "codes sent, two fifths of them kept for known devices"),
    ...{ of: "address", windowSeconds: day, full: "tooFrequent" },
    settings: ["EMAIL_CODES_PER_DAY", "SMS_CODES_PER_DAY"],
  },
  codes: {
    ...{ counts: t("请求邮件验证码", "codes by mail asked for"), of: "network", isWider: true },
    ...{ windowSeconds: hour, settings: ["CODE_REQUEST_LIMIT"], full: "throttled" },
  },
  sms: {
    ...{ counts: t("请求短信验证码", "codes by SMS asked for"), of: "network", isWider: true },
    ...{ windowSeconds: hour, settings: ["SMS_REQUEST_LIMIT"], full: "throttled" },
  },
  "sms-day": {
    ...{ counts: t("请求短信验证码", "codes by SMS asked for"), of: "network", isWider: true },
    ...{ windowSeconds: day, settings: ["SMS_REQUEST_LIMIT_PER_DAY"], full: "throttled" },
  },
  "sms-account": {
    ...{ counts: t("请求短信验证码", "codes by SMS asked for"), of: "account", windowSeconds: day },
    ...{ settings: ["SMS_REQUEST_LIMIT_PER_ACCOUNT"], full: "throttled" },
  },
  "sms-minute": {
    ...{ counts: t("发送短信验证码，无论用途", "codes by SMS sent, whatever for"), of: "number", most: 1 },
    ...{ windowSeconds: 60, full: "later" },
  },
  "sms-budget-hour": {
    ...{ counts: t("发送短信", "SMS sent"), of: "site", windowSeconds: hour },
    ...{ settings: ["SMS_HOURLY_BUDGET"], full: "budget" },
  },
  "sms-budget-day": {
    ...{ counts: t("发送短信", "SMS sent"), of: "site", windowSeconds: day },
    ...{ settings: ["SMS_DAILY_BUDGET"], full: "budget" },
  },
  "sms-reserve": {
    counts: t(
      "陌生设备请求、在号码未验证者的一半用完之后发出的短信，验证码填回后重新计",
      "SMS that strangers asked for beyond the half of unproved numbers, anew once a code comes back",
    ),
    ...{ of: "number", most: 1, windowSeconds: day, full: "budgetSpent" },
  },
  "sms-trial": {
    counts: t("服务商拒绝一切短信时的试发", "tries while the vendor refuses every SMS"),
    ...{ of: "countryPurpose", most: 1, windowSeconds: 60, full: "unavailable" },
  },
  "sms-before-captcha": {
    ...{ counts: t("不经人机验证的短信", "SMS without a captcha"), of: "network", windowSeconds: hour },
    ...{ settings: ["CAPTCHA_AFTER_SMS"], full: "captcha" },
  },
  "emails-before-captcha": {
    counts: t("不经人机验证的登录验证码邮件", "codes by e-mail to log in with, without a captcha"),
    ...{ of: "network", windowSeconds: hour, settings: ["CAPTCHA_AFTER_EMAILS"], full: "captcha" },
  },
  "sms-conversion": {
    counts: t("填回的短信验证码少于百分之几", "percent of codes by SMS that come back, at least"),
    ...{ of: "country", windowSeconds: hour, settings: ["SMS_CONVERSION_FLOOR"], full: "conversion" },
  },
  "captcha-waits": {
    counts: t(
      "有风险时，不能完成人机验证的客户端请求验证码",
      "codes under a risk, asked for by who can answer no captcha",
    ),
    ...{ of: "network", most: 1, full: "waits", waits: { first: 60, longest: hour, forget: day } },
  },
  "code-tries-own": {
    ...{ counts: t("输入验证码", "tries at the code"), of: "code", most: 5, full: "codeOver" },
    within: t("验证码有效期", "its life"),
  },
  "code-tries-others": {
    ...{ counts: t("输入验证码", "tries at the code"), of: "codeOthers", most: 5, full: "codeOver" },
    within: t("验证码有效期", "its life"),
  },
  "code-guesses": {
    counts: t("没有请求过验证码的人输入验证码", "tries at codes by who asked for none"),
    ...{ of: "address", most: 20, windowSeconds: day, full: "codeOver" },
  },
  "code-tries": {
    ...{ counts: t("输错验证码", "wrong codes"), of: "network", isWider: true },
    ...{ windowSeconds: hour, settings: ["CODE_TRY_LIMIT"], full: "throttled" },
  },
  wrong_codes: {
    ...{ counts: t("输错验证码", "wrong codes"), of: "site", windowSeconds: hour },
    ...{ settings: ["WRONG_CODE_ALARM"], full: "alarm" },
  },
} as const satisfies Record<string, Limit>;
