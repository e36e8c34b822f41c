/** Texts of the mail about an account that went into another; a part of mail-texts.ts. */
export const joiningMailTexts = {
  "stepUp.joining": { zh: "合并两个账号", en: "join two accounts into one" },
  "account_joined.subject": {
    zh: "【{brand}】另一个账号已并入您的账号",
    en: "[{brand}] Another account was joined into yours",
  },
  "account_joined.heading": {
    zh: "另一个账号已并入您的账号",
    en: "Another account was joined into yours",
  },
  "account_joined.sentence": {
    zh: "两个账号的主人都证明了自己，下面的另一个账号已并入您的{brand}账号：它绑定的第三方账号现在登录到这个账号，它本身已经清除，不能恢复。",
    en: "The owners of both proved themselves, and the other account below was joined into your {brand} account: third parties that were bound to it open this one now, and it is erased for good.",
  },
  "account_joined.other": { zh: "另一个账号", en: "The other account" },
} as const;
