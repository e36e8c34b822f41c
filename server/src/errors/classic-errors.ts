/** Of the classic contract: a part of the registry in error-codes.ts, which holds them to its form. */
export const classicErrors = {
  picture_code_gone: {
    status: 400,
    shape: "non_field_errors",
    zh: "无效的图片验证码",
    en: "That picture is gone. Load another one.",
  },
  picture_code_wrong: {
    status: 400,
    shape: "non_field_errors",
    zh: "图片验证码错误",
    en: "That is not what the picture shows. Load another one.",
  },
  no_such_account: {
    status: 404,
    shape: "message",
    zh: "此账户不存在",
    en: "There is no such account, or it has no proved number.",
  },
  reset_ticket_invalid: {
    status: 400,
    shape: "message",
    zh: "无效的access_token",
    en: "This step has expired. Begin again.",
  },
  email_token_missing: {
    status: 400,
    shape: "message",
    zh: "缺少token",
    en: "The link is incomplete: it has no token.",
  },
  email_token_invalid: {
    status: 400,
    shape: "message",
    zh: "无效的token",
    en: "This link is not valid, or has expired. Ask for another one.",
  },
  too_many_addresses: {
    status: 400,
    shape: "message",
    zh: "收货地址已达上限（{limit} 个）",
    en: "You have {limit} addresses, and may have no more.",
  },
} as const;
