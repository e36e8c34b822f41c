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
  sms_off: {
    status: 503,
    shape: "message",
    zh: "本站没有开通短信。",
    en: "This site sends no SMS.",
  },
} as const;
