import type { Retention, Texts } from "./retention-of-programs.ts";

/** The rows of docs/retention.md about what the console keeps. `nobody`: that nobody hands it out. */
export const consoleRetention = (nobody: Texts): readonly Retention[] => [
  {
    ...{ name: "first_superuser_links", going: "itself", hands: nobody },
    holds: {
      zh: "创建首个超级管理员的链接（摘要），仅开发环境",
      en: "a digest of the link that makes the first superuser; development only",
    },
    kept: { zh: "用后删除；一小时后由维护任务删除", en: "until it is used; the maintenance, after an hour" },
  },
];
