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
  // As above. The answer has `new_account` beside it.
  number_stale: {
    status: 403,
    shape: "message",
    zh: "这个手机号很久没有在此验证过，可能已经换了主人。请再证明一项：账号的密码、发到账号邮箱的验证码或两步验证的验证码。",
    en: "This number was not proved here for a long time, and may be somebody else’s by now. Prove one thing more: the account’s password, a code mailed to its address, or one of its second factor.",
  },
} as const;
