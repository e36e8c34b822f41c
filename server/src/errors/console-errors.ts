/** Errors of what staff do in the console; a part of the registry (error-codes.ts). */
export const consoleErrors = {
  first_link_bad: {
    status: 400,
    shape: "message",
    zh: "链接已用过、已过期或不是最新的，或者已有超级管理员。没有时请重新启动程序，使用新的链接，或运行 createsuperuser。",
    en: "This link was used, has expired or is not the latest, or there is a superuser already. If there is none, start the program again for a new link, or run createsuperuser.",
  },
} as const;
