import type { Texts } from "../errors/texts.ts";

/**
 * Every text of SMS, by its key behind `sms.`: the whole message, where the site sends the words itself. Vendors in China
 * send an approved template in their place. One line, short: a second part costs a second message.
 */
export const smsTexts = {
  changeMobile: {
    zh: "【{brandShort}】{code} 是您绑定手机号的验证码，{minutes} 分钟内有效。请勿告诉任何人。",
    en: "[{brandShort}] {code} is your code to confirm this number, valid for {minutes} min. Never tell it to anyone.",
  },
  register: {
    zh: "【{brandShort}】{code} 是您的注册验证码，{minutes} 分钟内有效。请勿告诉任何人。",
    en: "[{brandShort}] {code} is your sign-up code, valid for {minutes} min. Never tell it to anyone.",
  },
  resetpwd: {
    zh: "【{brandShort}】{code} 是您重置密码的验证码，{minutes} 分钟内有效。请勿告诉任何人。",
    en: "[{brandShort}] {code} is your code to reset the password, valid for {minutes} min. Never tell it to anyone.",
  },
  leaveMobile: {
    zh: "【{brandShort}】有人申请 {days} 天后将此号码移出账号。若号码仍由您使用，请登录账号撤销并修改密码。",
    en: "[{brandShort}] Somebody asked to remove this number from your account in {days} days. If you still use it, log in, cancel it and change your password.",
  },
  deleteAccount: {
    zh: "【{brandShort}】有人申请注销您的账号，{days} 天后清除。如非本人操作，请登录账号撤销并修改密码。",
    en: "[{brandShort}] Somebody asked to delete your account; it is erased in {days} days. If it was not you, log in, cancel it and change your password.",
  },
  accountDeleted: {
    zh: "【{brandShort}】您的账号已注销，其中的数据已开始清除，不能恢复。如非本人操作，请联系我们。",
    en: "[{brandShort}] Your account is being erased with its data, and nothing brings it back. If it was not you, write to us.",
  },
  joinAccount: {
    zh: "【{brandShort}】您的账号已与另一个账号合并。如非本人操作，请登录账号，修改密码并解绑不认识的第三方账号。",
    en: "[{brandShort}] Your account and another one became one. If it was not you, log in, change your password and unbind what you don’t know.",
  },
  impersonation: {
    zh: "【{brandShort}】工作人员打开了您的账号，以便为您处理问题。如未请求帮助，请登录账号将其结束，并联系我们。",
    en: "[{brandShort}] Our staff opened your account to help you. If you asked for no help, log in, end it and write to us.",
  },
  signIn: {
    zh: "【{brandShort}】{code} 是您的登录验证码，{minutes} 分钟内有效。请勿告诉任何人。",
    en: "[{brandShort}] {code} is your log-in code, valid for {minutes} min. Never tell it to anyone.",
  },
} as const satisfies Readonly<Record<string, Texts>>;

/** Those that tell something and carry no code: a vendor has templates of another kind for them, and the one for codes is none. */
export type SmsNotice = "leaveMobile" | "deleteAccount" | "accountDeleted" | "joinAccount" | "impersonation";
export const smsNotices: readonly string[] = [
  ...([
    "leaveMobile",
    "deleteAccount",
    "accountDeleted",
    "joinAccount",
    "impersonation",
  ] satisfies readonly SmsNotice[]),
];
