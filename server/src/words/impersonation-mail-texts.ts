/** Texts of the mail about staff who act in the reader's place; a part of mail-texts.ts. */
export const impersonationMailTexts = {
  "impersonation_begun.subject": {
    zh: "【{brand}】工作人员正在代表您操作账号",
    en: "[{brand}] Our staff are acting in your account",
  },
  "impersonation_begun.heading": {
    zh: "工作人员正在代表您操作账号",
    en: "Our staff are acting in your account",
  },
  "impersonation_begun.sentence": {
    zh: "{brand}的一位工作人员打开了您的账号，以便为您处理问题。其间不能修改密码、邮箱、手机号和两步验证，不能导出或注销；所做的一切都有记录。",
    en: "Somebody of the staff of {brand} opened your account to help you. They can’t change your password, address, number or second factor, nor export or delete anything, and all they do is written down.",
  },
  "impersonation_begun.until": { zh: "最迟结束于", en: "Ends at the latest" },
  "impersonation_begun.advice": {
    zh: "如果您没有请求帮助，请登录账号，在登录记录中将其结束，并联系我们。",
    en: "If you asked for no help, log in, end it in the list of log-ins, and write to us.",
  },
  "impersonation_begun.button": { zh: "查看我的账号", en: "Look at my account" },
} as const;
