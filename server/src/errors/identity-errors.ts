/** Of third parties and bindings: a part of the registry in error-codes.ts, which holds them to its form. */
export const identityErrors = {
  identity_not_bound: {
    status: 400,
    shape: "message",
    zh: "这个{provider}账号没有绑定到您的账号，不能用来确认。",
    en: "That {providerEn} account is not bound to yours, so it can't confirm that it is you.",
  },
  provider_log_in_old: {
    status: 400,
    shape: "message",
    zh: "{provider}没有让您重新登录，不能用来确认，请用其他方式。",
    en: "{providerEn} did not ask you to log in again, so it can't confirm that it is you. Please use another way.",
  },
  oauth_code_missing: { status: 400, shape: "message", zh: "缺少code值", en: "The code is missing." },
  oauth_cancelled: {
    status: 400,
    shape: "message",
    zh: "您取消了授权，可以重新登录。",
    en: "You cancelled the authorisation. You can start again.",
  },
  oauth_state_invalid: {
    status: 400,
    shape: "message",
    zh: "登录请求已失效，请返回登录页重新开始。",
    en: "This log-in has expired or began in another browser. Go back to the log-in page and start again.",
  },
  oauth_code_refused: {
    status: 400,
    shape: "message",
    zh: "授权码无效或已过期，请重新登录。",
    en: "The authorisation code is invalid or has expired. Please log in again.",
  },
  link_invalid: {
    status: 400,
    shape: "message",
    zh: "链接无效或已超过七天。",
    en: "The link is not valid, or older than seven days.",
  },
  ticket_invalid: {
    status: 400,
    shape: "non_field_errors",
    zh: "无效的{field}",
    en: "Invalid {field}: it has expired or was used. Please log in with the provider again.",
  },
  wrong_password: { status: 400, shape: "non_field_errors", zh: "密码错误", en: "Wrong password." },
  identity_taken: {
    status: 400,
    shape: "non_field_errors",
    zh: "这个{provider}账号已绑定其他用户，请用它登录后先解除绑定。",
    en: "That {providerEn} account is bound to another user. Log in with it and remove the binding first.",
  },
  last_way_to_log_in: {
    status: 400,
    shape: "message",
    zh: "这是您唯一的登录方式，请先设置邮箱和密码，或绑定其他账号。",
    en: "This is your only way to log in. Set an email address and a password, or bind another account first.",
  },
} as const;
