/** Errors of what staff do in the console; a part of the registry (error-codes.ts). */
export const consoleErrors = {
  first_link_bad: {
    status: 400,
    shape: "message",
    zh: "链接已用过、已过期或不是最新的，或者已有超级管理员。没有时请重新启动程序，使用新的链接，或运行 createsuperuser。",
    en: "This link was used, has expired or is not the latest, or there is a superuser already. If there is none, start the program again for a new link, or run createsuperuser.",
  },
  too_many_notes: {
    status: 400,
    shape: "message",
    zh: "这个账号已有 {limit} 条备注，请先删除一些。",
    en: "This account has {limit} notes already. Remove some first.",
  },
  network_denied: {
    status: 403,
    shape: "message",
    zh: "本站不接受来自这个网络的请求。如有疑问，请联系网站。",
    en: "This site takes no requests from your network. If you think that is a mistake, write to the site.",
  },
  too_many_denials: {
    status: 400,
    shape: "message",
    zh: "拒绝名单已有 {limit} 项，请先移除一些。",
    en: "The deny list has {limit} entries already. Remove some first.",
  },
  bulk_too_many: {
    status: 400,
    shape: "message",
    zh: "一次最多处理 {limit} 个账号，请缩小范围。",
    en: "At most {limit} accounts can be changed at once. Choose fewer.",
  },
  bulk_changed: {
    status: 409,
    shape: "message",
    zh: "现在符合的账号有 {count} 个，与确认的数量不同，请重新核对。",
    en: "By now {count} accounts fit, other than was confirmed. Look at them again.",
  },
} as const;
