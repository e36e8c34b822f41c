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
  impersonated: {
    status: 403,
    shape: "message",
    zh: "代表用户操作时不能这样做：只能查看账号，修改姓名、昵称和站点自己的字段。",
    en: "Whoever acts in a user's place can't do this: they may look at the account, and change names and the site's own fields.",
  },
  impersonation_off: {
    status: 403,
    shape: "message",
    zh: "本站没有开启代表用户操作（IMPERSONATION=on）。",
    en: "Nobody can act in a user's place here: IMPERSONATION=on allows it.",
  },
  impersonation_refused: {
    status: 409,
    shape: "message",
    zh: "不能代表这个账号操作：不能是您自己、工作人员、已停用或等待注销的账号。",
    en: "Nobody can act in this account's place: not in your own, nor in one of staff, nor in one that is disabled or about to be deleted.",
  },
  impersonation_no_session: {
    status: 403,
    shape: "message",
    zh: "请先在本站登录，再代表用户操作：其他服务签发的令牌和 HTTP Basic 不可以。",
    en: "Log in here first: a token of another service, and HTTP Basic, can't act in a user's place.",
  },
  impersonation_under_way: {
    status: 409,
    shape: "message",
    zh: "另一位工作人员正在代表这个账号操作，请等其结束，或先将其结束。",
    en: "Somebody else is acting in this account's place. Wait until they are done, or end it.",
  },
} as const;
