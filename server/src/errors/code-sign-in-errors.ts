/** Of log-ins by a code; a part of the registry (error-codes.ts). */
export const codeSignInErrors = {
  code_sign_in_off: {
    status: 400,
    shape: "message",
    zh: "本站不能用验证码登录。",
    en: "This site has no log-in by a code.",
  },
  // 403 as the other next steps: the code is right and stays usable. The answer has `code` beside it.
  sign_up_needed: {
    status: 403,
    shape: "message",
    zh: "还没有账号。同意条款后，可用同一验证码注册。",
    en: "There is no account yet. Agree to the terms to make one with the same code.",
  },
} as const;
