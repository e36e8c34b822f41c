import { captchaErrors } from "./captcha-errors.ts";

/** Of codes by SMS, and of the captcha in front of them: a part of the registry in error-codes.ts, which holds them to its form. */
export const smsErrors = {
  ...captchaErrors,
  sms_code_expired: {
    status: 400,
    shape: "non_field_errors",
    zh: "无效的短信验证码",
    en: "The code by SMS has expired. Request a new one.",
  },
  sms_code_wrong: {
    status: 400,
    shape: "non_field_errors",
    zh: "短信验证码错误",
    en: "The code by SMS is wrong.",
  },
  // 400 and this text, as the classic pages know them.
  sms_too_frequent: {
    status: 400,
    shape: "message",
    zh: "频繁发送短信",
    en: "An SMS was sent a moment ago. Please wait before asking again.",
  },
  sms_budget_spent: {
    status: 429,
    shape: "message",
    zh: "本站的短信暂时发完了，请稍后再试，或改用邮箱。",
    en: "This site sends no more SMS for now. Try again later, or use your e-mail address.",
  },
  sms_number_refused: {
    status: 400,
    shape: "message",
    zh: "短信服务商或运营商拒收发往这个号码的短信。请核对号码，或改用邮箱。",
    en: "The carrier refuses SMS to this number. Check the number, or use your e-mail address.",
  },
  sms_test_failed: {
    status: 400,
    shape: "message",
    zh: "短信未能发出：{reason}。请在“生效的设置”中运行体检，或运行 manage doctor。",
    en: "The SMS could not be sent: {reason}. Run the doctor among the settings in force, or manage doctor.",
  },
  // The answer has `code` beside it.
  sms_unavailable: {
    status: 503,
    shape: "message",
    zh: "短信暂时发不出去，请稍后再试，或改用邮箱。",
    en: "SMS can’t be sent for now. Try again later, or use your e-mail address.",
  },
  // The answer has `code` beside it.
  old_number_required: {
    status: 403,
    shape: "message",
    zh: "现在的手机号已验证，更换、移除它或把账号并入另一个，都还需要发到这个号码的短信验证码。收不到的话，可以申请在几天后移除它。",
    en: "The present number is proved: changing or removing it, or joining the account into another, takes a code sent to it, too. If it receives nothing any more, ask to have it removed after some days.",
  },
  number_leave_off: {
    status: 403,
    shape: "message",
    zh: "本站不能自助移除收不到短信的手机号，请联系客服。",
    en: "This site can’t take a lost number away by itself. Please ask the people who run it.",
  },
  number_leave_none: {
    status: 400,
    shape: "message",
    zh: "账号没有验证过的手机号，无需移除。",
    en: "The account has no proved number to leave.",
  },
  number_leave_no_channel: {
    status: 403,
    shape: "message",
    zh: "请先用其他方式证明是您本人：验证一个邮箱，或设置两步验证、通行密钥，然后再申请。只凭密码不能移除手机号。",
    en: "Another channel has to show that it is you: confirm an e-mail address, or set up a second factor or a passkey, and ask again. The password alone is not enough.",
  },
  number_leave_last_way: {
    status: 400,
    shape: "message",
    zh: "除了这个手机号，没有别的方式能登录这个账号。请先设置密码、验证邮箱、添加通行密钥或绑定其他账号，再申请移除。",
    en: "Nothing but this number opens the account. Set a password, confirm an e-mail address, add a passkey or bind another account first; then ask again.",
  },
  sms_off: {
    status: 503,
    shape: "message",
    zh: "本站没有开通短信。",
    en: "This site sends no SMS.",
  },
} as const;
