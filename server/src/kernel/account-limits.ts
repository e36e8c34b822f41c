import { day, hour, type Limit, type LimitText, limitText as t } from "./limit.ts";

/** What one account may have, and try; and the classic pages. */
/** By the hour and the day. */
const guesses = (counts: LimitText) => ({ counts, of: "accountDevices", full: "throttled" }) as const;
const wrongPassword = t("输错当前密码", "wrong present passwords");
const wrongFactor = t("输错第二步的验证码", "wrong codes of a second factor");
const wrongRecovery = t("输错恢复码", "wrong recovery codes");
const wrongReplacement = t("更换验证器时输错验证码", "wrong codes when an app is replaced");

export const accountLimits = {
  "present-password": {
    ...guesses(wrongPassword),
    settings: ["LOGIN_FAILURE_LIMIT"],
    windowSeconds: hour,
  },
  "present-password-day": {
    ...guesses(wrongPassword),
    settings: ["LOGIN_FAILURE_LIMIT_PER_DAY"],
    windowSeconds: day,
  },
  "second-factor": { ...guesses(wrongFactor), most: 10, windowSeconds: hour },
  "second-factor-day": { ...guesses(wrongFactor), most: 30, windowSeconds: day },
  "recovery-code": { ...guesses(wrongRecovery), most: 10, windowSeconds: hour },
  "recovery-code-day": { ...guesses(wrongRecovery), most: 30, windowSeconds: day },
  "second-factor-replacement": { ...guesses(wrongReplacement), most: 10, windowSeconds: hour },
  "second-factor-replacement-day": { ...guesses(wrongReplacement), most: 30, windowSeconds: day },
  exports: {
    ...{ counts: t("导出自己的数据", "exports of one's data"), of: "account", most: 1 },
    ...{ windowSeconds: day, full: "throttled", place: "rows" },
  },
  avatars: {
    ...{ counts: t("上传或取用头像", "pictures set"), of: "account", most: 20, windowSeconds: day },
    full: "throttled",
  },
  "consent-choices": {
    ...{ counts: t("更改可选的同意", "changes of an optional consent"), of: "account", most: 20 },
    ...{ windowSeconds: day, full: "throttled", place: "rows" },
  },
  "lost-factors": {
    ...{ counts: t("申请关闭丢失的两步验证", "requests to remove a lost second factor"), of: "account" },
    ...{ most: 3, windowSeconds: 30 * day, full: "throttled", place: "rows" },
  },
  "number-leaves": {
    ...{ counts: t("申请放弃丢失的号码", "requests to leave a lost number"), of: "account" },
    ...{ most: 3, windowSeconds: 30 * day, full: "throttled", place: "rows" },
  },
  joins: {
    ...{ counts: t("并入的其他账号", "other accounts joined into it"), of: "account" },
    ...{ most: 5, windowSeconds: 30 * day, full: "throttled", place: "rows" },
  },
  passkeys: {
    ...{ counts: t("通行密钥", "passkeys"), of: "account", most: 20, full: "refused", place: "rows" },
  },
  "known-devices": {
    ...{ counts: t("已知设备", "known devices"), of: "account", most: 20, full: "oldest", place: "rows" },
  },
  "remembered-devices": {
    counts: t("记住的两步验证设备", "devices remembered for the second factor"),
    ...{ of: "account", most: 10, full: "oldest", place: "rows" },
  },
  sessions: {
    ...{ counts: t("使用刷新令牌的登录", "log-ins with refresh tokens"), of: "account", full: "oldest" },
    ...{ settings: ["SESSIONS_PER_ACCOUNT"], place: "rows" },
  },
  addresses: {
    counts: t("收货地址（CONTRACT=classic）", "delivery addresses (CONTRACT=classic)"),
    ...{ of: "account", most: 20, full: "refused", place: "rows" },
  },
  invitations: {
    ...{ counts: t("未用完的邀请", "invitations that can be used"), of: "maker", full: "refused" },
    ...{ settings: ["INVITATIONS_PER_MAKER"], place: "rows" },
  },
  pictures: {
    ...{ counts: t("图形验证码（CONTRACT=classic）", "picture codes (CONTRACT=classic)"), of: "network" },
    isWider: true,
    ...{ windowSeconds: hour, settings: ["PICTURE_CODE_LIMIT"], full: "throttled" },
  },
  "find-account": {
    counts: t("找回密码第一步（CONTRACT=classic）", "first steps to find a password (CONTRACT=classic)"),
    ...{ of: "network", windowSeconds: hour, settings: ["FIND_PASSWORD_LIMIT"], full: "throttled" },
    isWider: true,
  },
  "find-code": {
    counts: t("找回密码第二步（CONTRACT=classic）", "second steps to find a password (CONTRACT=classic)"),
    ...{ of: "network", windowSeconds: hour, settings: ["FIND_PASSWORD_LIMIT"], full: "throttled" },
    isWider: true,
  },
  "email-links": {
    counts: t(
      "确认邮箱的链接（CONTRACT=classic），按账号和邮箱",
      "links that confirm an address (CONTRACT=classic), of account and address",
    ),
    ...{ of: "account", most: 5, windowSeconds: hour, full: "throttled" },
  },
} as const satisfies Record<string, Limit>;
