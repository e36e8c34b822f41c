/** Errors of passkeys; a part of the registry (error-codes.ts). */
export const passkeyErrors = {
  passkey_refused: {
    status: 400,
    shape: "message",
    zh: "通行密钥没有通过验证，请重试，或使用其他方式。",
    en: "That passkey was not accepted. Please try again, or use another way.",
  },
  passkey_unknown: {
    status: 400,
    shape: "message",
    zh: "这个通行密钥已不在任何账号中，请使用其他方式登录。",
    en: "No account has this passkey any more. Please log in another way.",
  },
  passkey_challenge_ended: {
    status: 400,
    shape: "message",
    zh: "等待太久或已经用过，请再试一次。",
    en: "That took too long, or was used already. Please try again.",
  },
  passkey_there: {
    status: 400,
    shape: "message",
    zh: "这个通行密钥已经添加过了。",
    en: "That passkey has been added already.",
  },
  passkeys_full: {
    status: 400,
    shape: "message",
    zh: "一个账号最多 {most} 个通行密钥，请先删除不用的。",
    en: "An account has at most {most} passkeys. Remove one that you no longer use.",
  },
  passkeys_unavailable: {
    status: 400,
    shape: "message",
    zh: "这个网站的地址不能使用通行密钥：需要 https 和域名。",
    en: "This site's address can have no passkeys: they need https and a domain name.",
  },
} as const;
