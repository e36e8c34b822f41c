/** Of captchas: a part of the registry in error-codes.ts, which holds them to its form. */
export const captchaErrors = {
  captcha_required: {
    status: 403,
    shape: "message",
    zh: "请先完成人机验证再试。",
    en: "Please answer the captcha first, and try again.",
  },
  captcha_unavailable: {
    status: 503,
    shape: "message",
    zh: "人机验证暂时无法使用，请稍后再试。",
    en: "The captcha can't be checked for now. Please try again later.",
  },
} as const;
