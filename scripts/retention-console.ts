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
  {
    ...{ name: "disablings", going: "owner", hands: nobody },
    holds: { zh: "停用的原因、时间、期限", en: "why an account is disabled, since when, until when" },
    kept: { zh: "恢复时删除，或随账号删除", en: "until the account is enabled, or with the account" },
  },
  {
    ...{ name: "user_notes", going: "owner", hands: nobody },
    holds: { zh: "职员对账号的备注", en: "what staff wrote down about an account" },
    kept: { zh: "直到职员删除，或随账号删除", en: "until staff remove it, or with the account" },
  },
  {
    ...{ name: "denials", going: "itself", hands: nobody },
    holds: {
      zh: "拒绝名单：网段、邮箱、邮箱域名，及原因",
      en: "the deny list: networks, addresses and domains of mail, and why",
    },
    kept: {
      zh: "直到职员移除；到期后由维护任务删除，邮箱最多两年",
      en: "until staff remove it; the maintenance, at its end: of an address two years at most",
    },
  },
  {
    ...{ name: "bulk_runs", going: "itself", hands: nobody },
    holds: {
      zh: "批量操作：谁、做了什么、原因、多少账号",
      en: "changes of many accounts: by whom, what, why, how many",
    },
    kept: { zh: "90 天后由维护任务删除", en: "the maintenance, after 90 days" },
  },
  {
    ...{ name: "bulk_run_accounts", going: "itself", hands: nobody },
    holds: { zh: "批量操作中每个账号的结果", en: "what became of each account in such a change" },
    kept: { zh: "随批量操作删除，90 天", en: "with the change, after 90 days" },
  },
];
