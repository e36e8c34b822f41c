import { impersonal, personalTables } from "../server/src/app/personal-data.ts";
import { deviceLifeDays } from "../server/src/devices/asker.ts";
import { devicesSettings } from "../server/src/devices/settings.ts";
import { keptDone } from "../server/src/engines/jobs/bullmq-purge.ts";
import { deadLetters } from "../server/src/engines/jobs/job-store.ts";
import { kvFamilies } from "../server/src/engines/kv/kv.ts";
import { avatarRows } from "./retention-avatars.ts";
import { consentRows } from "./retention-consents.ts";
import { consoleRetention } from "./retention-console.ts";
import { programRows, type Retention, type Texts } from "./retention-of-programs.ts";

/** How long everything is kept: docs/retention.md. A table, a family of keys and a queue without a row here fail. */

const days = (millis: number) => millis / 86_400_000;
const doneDays = days(keptDone.keepMillis);
const deadDays = days(deadLetters.keepMillis);
const nobody = { zh: "—", en: "—" };
const withAccount = { zh: "随账号删除", en: "with the account" };
const byOperator = {
  zh: "export-django、管理接口导出",
  en: "export-django and the administration's API export it",
};
const byExport = { zh: "export-django 导出", en: "export-django exports it" };

const withGroup = {
  zh: "export-django 导出；随用户组清除",
  en: "export-django exports it; erased with the group",
};

const rows: readonly Retention[] = [
  {
    ...{ name: "users", going: "stays", hands: byOperator },
    holds: {
      zh: "账号：名称、昵称、邮箱、手机号、密码哈希、状态",
      en: "accounts: names, nickname, address, number, password hash, state",
    },
    kept: {
      zh: "直到本人或运营者申请注销，宽限期（DELETION_GRACE_DAYS）过后清除",
      en: "until its owner or staff delete it and DELETION_GRACE_DAYS are over",
    },
  },
  {
    ...{ name: "login_names", going: "owner", kept: withAccount, hands: byExport },
    holds: { zh: "可用于登录的名称", en: "what people log in by" },
  },
  ...avatarRows(nobody),
  {
    ...{ name: "bindings", going: "owner", hands: byExport },
    holds: {
      zh: "第三方身份、昵称、头像地址",
      en: "identities at third parties, nicknames, pictures' addresses",
    },
    kept: { zh: "直到本人解除，或随账号删除", en: "until their owner removes them, or with the account" },
  },
  {
    ...{ name: "known_devices", going: "itself" },
    holds: { zh: "登录过的设备（摘要）", en: "devices that logged in, as digests" },
    kept: {
      zh: `${deviceLifeDays} 天未见后由维护任务删除；每个账号最多 20 个`,
      en: `the maintenance, ${deviceLifeDays} days after they were seen last; 20 an account at most`,
    },
    hands: nobody,
  },
  {
    ...{ name: "totp_factors", going: "owner", kept: withAccount },
    holds: {
      zh: "与验证器应用共有的密钥（加密）",
      en: "secrets shared with authenticator apps, encrypted",
    },
    hands: nobody,
  },
  {
    ...{ name: "recovery_codes", going: "owner", kept: withAccount },
    holds: { zh: "哪些恢复码已用过", en: "which recovery codes were used" },
    hands: nobody,
  },
  {
    ...{ name: "passkeys", going: "owner" },
    holds: {
      zh: "通行密钥的公钥、名称、最近使用时间",
      en: "public keys of passkeys, their names, when they were used last",
    },
    kept: { zh: "直到本人删除，或随账号删除", en: "until their owner removes them, or with the account" },
    hands: nobody,
  },
  {
    ...{ name: "passkey_handles", going: "owner", kept: withAccount },
    holds: {
      zh: "设备对账号的称呼（随机）",
      en: "what devices call an account, at random",
    },
    hands: nobody,
  },
  {
    ...{ name: "device_notices", going: "itself" },
    holds: {
      zh: "主人已被告知的设备（浏览器和系统的摘要）",
      en: "devices whose owner was told of a log-in, as digests of browser and system",
    },
    kept: {
      zh: `${deviceLifeDays} 天未见后由维护任务删除`,
      en: `the maintenance, ${deviceLifeDays} days after they were seen last`,
    },
    hands: nobody,
  },
  {
    ...{ name: "remembered_devices", going: "itself" },
    holds: {
      zh: "本人信任、登录时不再要求第二步的设备：浏览器、系统、去掉末段的网络、Cookie 的哈希",
      en: "devices that their owner trusts and that ask for no second factor: browser, system, the network without its last part, a hash of the cookie",
    },
    kept: {
      zh: `REMEMBER_DEVICE_DAYS（缺省 ${devicesSettings.variables.REMEMBER_DEVICE_DAYS.fallback}）天后由维护任务删除；每个账号最多 10 台`,
      en: `the maintenance, after REMEMBER_DEVICE_DAYS (${devicesSettings.variables.REMEMBER_DEVICE_DAYS.fallback} by default); ten an account at most`,
    },
    hands: {
      zh: "本人可查看和移除",
      en: "their owner sees and removes them",
    },
  },
  {
    ...{ name: "log_in_refusals", going: "itself" },
    holds: {
      zh: "每个账号最近被拒绝的登录：原因、时间、次数、去掉末段的网络",
      en: "an account's last refused log-ins: reason, time, how often, the network without its last part",
    },
    kept: {
      zh: "30 天后由维护任务删除；每个账号最多 10 条",
      en: "the maintenance, 30 days after the last one; ten an account at most",
    },
    hands: {
      zh: "manage user why 显示",
      en: "manage user why shows them",
    },
  },
  {
    ...{ name: "lost_factors", going: "itself" },
    holds: {
      zh: "丢了第二步的人关闭两步验证的申请：时间、结果",
      en: "requests of people who lost their second factor to have it removed: when, and what became of them",
    },
    kept: { zh: "申请 90 天后由维护任务删除", en: "the maintenance, ninety days after it was asked for" },
    hands: nobody,
  },
  {
    ...{ name: "number_leaves", going: "itself", hands: nobody },
    holds: {
      zh: "移除收不到短信的手机号的申请：时间、结果",
      en: "requests to leave a number that receives nothing: when, and what became of them",
    },
    kept: { zh: "申请 90 天后由维护任务删除", en: "the maintenance, ninety days after it was asked for" },
  },
  {
    ...{ name: "delivery_addresses", going: "itself", hands: nobody },
    holds: { zh: "收货地址（CONTRACT=classic）", en: "delivery addresses (CONTRACT=classic)" },
    kept: {
      zh: "每个账号最多 20 个；本人删除 30 天后由维护任务清除",
      en: "20 an account at most; the maintenance, thirty days after their owner deleted one",
    },
  },
  {
    ...{ name: "address_changes", going: "itself" },
    holds: {
      zh: "本人更换前的邮箱和手机号",
      en: "addresses and numbers that their owner replaced",
    },
    kept: { zh: "更换 7 天后由维护任务删除", en: "the maintenance, seven days after the change" },
    hands: nobody,
  },
  {
    ...{ name: "extra_fields", going: "owner", kept: withAccount },
    holds: { zh: "SIGN_UP_FIELDS 声明的附加字段", en: "the fields that SIGN_UP_FIELDS declares" },
    hands: {
      zh: "本人和管理员可见，export-django --field 导出",
      en: "shown to their owner and staff, export-django --field exports them",
    },
  },
  {
    ...{ name: "consents", going: "owner", kept: withAccount },
    holds: { zh: "谁在何时同意了哪个版本的条款", en: "who agreed to which version of which terms, and when" },
    hands: { zh: "本人可见", en: "shown to their owner" },
  },
  ...consentRows,
  {
    ...{ name: "user_groups", going: "owner", kept: withAccount, hands: byExport },
    holds: { zh: "账号所在的用户组", en: "which groups an account is in" },
  },
  {
    ...{ name: "user_permissions", going: "owner", kept: withAccount, hands: byExport },
    holds: { zh: "授予账号的权限", en: "permissions of an account" },
  },
  {
    ...{ name: "django_imports", going: "owner", kept: withAccount, hands: nobody },
    holds: { zh: "导入时的指纹", en: "fingerprints of what was imported" },
  },
  {
    ...{ name: "groups", going: "stays", hands: withGroup },
    holds: { zh: "用户组", en: "groups" },
    kept: { zh: "直到管理员删除", en: "until an administrator deletes them" },
  },
  {
    ...{ name: "group_permissions", going: "owner", hands: withGroup },
    holds: { zh: "用户组的权限", en: "permissions of a group" },
    kept: { zh: "随用户组删除", en: "with the group" },
  },
  {
    ...{ name: "permissions", going: "stays" },
    holds: { zh: "可授予的权限", en: "what may be granted" },
    kept: {
      zh: "一直保留；数量由程序和管理员决定",
      en: "for good; program and administrators decide how many",
    },
    hands: { zh: "export-django 导出；没有个人数据", en: "export-django exports it; nothing of a person" },
  },
  {
    ...{ name: "audit_entries", going: "stays" },
    holds: { zh: "管理员和运营者的改动", en: "what administrators and operators changed" },
    kept: {
      zh: "一直保留；针对已清除账号的保留 AUDIT_ERASED_DAYS（183）天；已清除的职员所做的，一年后不再记编号",
      en: "for good; those about an erased account AUDIT_ERASED_DAYS (183); what erased staff did, after a year without their id",
    },
    hands: {
      zh: "manage audit、GET /admin/audit/ 导出",
      en: "manage audit and GET /admin/audit/ export it",
    },
  },
  {
    ...{ name: "sessions", going: "itself" },
    holds: {
      zh: "登录会话：时间、方式、浏览器、网络段",
      en: "log-ins: times, way, browser, the client's network",
    },
    kept: { zh: "结束 7 天后由维护任务删除", en: "the maintenance, a week after they ended" },
    hands: {
      zh: "本人可查看和结束",
      en: "their owner sees and ends them",
    },
  },
  {
    ...{ name: "signing_keys", going: "itself", hands: nobody },
    holds: {
      zh: "签发访问令牌的密钥（私钥加密），HS256 之外才有",
      en: "keys that sign access tokens, private ones encrypted; empty under HS256",
    },
    kept: {
      zh: "被替换后，其最后一个令牌到期时由维护任务删除；最新的一个保留",
      en: "the maintenance, when the last token of a replaced key is over; the newest stays",
    },
  },
  {
    ...{ name: "invitations", going: "itself", hands: nobody },
    holds: {
      zh: "注册邀请（摘要）、受邀邮箱",
      en: "invitations to sign up as digests, and whom they are for",
    },
    kept: { zh: "到期 30 天后由维护任务删除", en: "the maintenance, 30 days after they ended" },
  },
  ...programRows,
  {
    ...{ name: "held_names", going: "itself", hands: nobody },
    holds: {
      zh: "更换后保留的旧用户名、邮箱、手机号",
      en: "user names, addresses and numbers that were given up, held for their account",
    },
    kept: {
      zh: "更换后满 NAME_HOLD_DAYS（缺省 90 天）且不短于令牌的最长有效期时由维护任务删除",
      en: "the maintenance, after NAME_HOLD_DAYS (90) and the longest life of a token",
    },
  },
  {
    ...{ name: "data_exports", going: "itself", hands: nobody },
    holds: {
      zh: "本人申请的数据导出（加密）",
      en: "exports of their data that people asked for, encrypted",
    },
    kept: { zh: "生成 7 天后由维护任务删除", en: "the maintenance, seven days after they were made" },
  },
  {
    ...{ name: "erased_names", going: "itself", hands: nobody },
    holds: {
      zh: "已清除账号的登录名（带密钥的摘要）",
      en: "names of erased accounts, as keyed digests",
    },
    kept: {
      zh: "满 NAME_HOLD_DAYS（缺省 90 天）且不短于令牌的最长有效期时由维护任务删除",
      en: "the maintenance, after NAME_HOLD_DAYS (90) and the longest life of a token",
    },
  },
  {
    ...{ name: "account_joins", going: "itself", hands: nobody },
    holds: {
      zh: "并入其他账号的账号编号、时间、由本人还是管理员合并",
      en: "ids of accounts that went into another, when, and whether their owner or an operator joined them",
    },
    kept: { zh: "一年后由维护任务删除", en: "the maintenance, after a year" },
  },
  {
    ...{ name: "hourly_counts", going: "itself", hands: nobody },
    holds: {
      zh: "每小时发生了什么、多少次（概览页），与个人无关",
      en: "how often what happened, by the hour (the overview); nothing of a person",
    },
    kept: { zh: "35 天后由维护任务删除", en: "the maintenance, after 35 days" },
  },
  ...consoleRetention(nobody),
  {
    ...{ name: "deleted_accounts", going: "itself", hands: nobody },
    holds: {
      zh: "已清除账号的编号、清除时间和由本系统清除的凭据（MAC）",
      en: "ids of erased accounts, when they went, and that it was here (a MAC)",
    },
    kept: { zh: "一年后由维护任务删除", en: "the maintenance, after a year" },
  },
  {
    ...{ name: "mails", going: "itself", hands: nobody },
    holds: {
      zh: "每封邮件的收件邮箱、种类和投递状态（不含正文和验证码）",
      en: "each mail's address, kind and what became of it, without its text and code",
    },
    kept: { zh: "30 天后由维护任务删除", en: "the maintenance, after 30 days" },
  },
  {
    ...{ name: "used_codes", going: "itself", hands: nobody },
    holds: { zh: "用过的验证码编号", en: "ids of codes that were used" },
    kept: { zh: "到期后由维护任务删除", en: "the maintenance, when they have expired" },
  },
  {
    ...{ name: "kv_entries", going: "itself", hands: nobody },
    holds: {
      zh: "无 Redis 时的临时条目，见下",
      en: "short-lived entries where there is no Redis, see below",
    },
    kept: { zh: "到期后由维护任务删除", en: "the maintenance, when they have expired" },
  },
  {
    ...{ name: "jobs", going: "itself" },
    holds: {
      zh: "后台任务，其中有收件地址，以及解绑后待撤销的授权（加密）",
      en: "background jobs, with the addresses of mails, and what is to be revoked at a third party that was unbound, encrypted",
    },
    kept: {
      zh: `完成 ${doneDays} 天后、失败 ${deadDays} 天后由维护任务删除；失败的最多 ${deadLetters.most} 个`,
      en: `the maintenance: done ones after ${doneDays} day, dead letters after ${deadDays} days, and those above ${deadLetters.most}`,
    },
    hands: {
      zh: "jobs list（地址缩略）；jobs drain 清除",
      en: "jobs list, addresses shortened; jobs drain erases them",
    },
  },
  {
    ...{ name: "mailbox_messages", going: "itself" },
    holds: {
      zh: "开发邮箱中的邮件和短信；设了 MAIL_URL 或 SMTP_URL 时为空",
      en: "mails and SMS of development's mailbox; empty with MAIL_URL or SMTP_URL",
    },
    kept: { zh: "只留最新约 1000 封", en: "the newest 1,000 or so" },
    hands: { zh: "开发邮箱页面", en: "the mailbox's page" },
  },
  {
    ...{ name: "installation", going: "stays", hands: nobody },
    holds: {
      zh: "一行：本系统的编号、密钥指纹，已不再记录的注销编号到多大，以及何时为以前的清除补上凭据",
      en: "one row: the installation's id, its key's fingerprint, how far the erased ids went that are forgotten, and when earlier erasures got a MAC",
    },
    kept: { zh: "一直保留", en: "for good" },
  },
  {
    ...{ name: "schema_migrations", going: "stays", hands: nobody },
    holds: { zh: "每次结构升级一行", en: "one row for each change of the schema" },
    kept: { zh: "一直保留", en: "for good" },
  },
];

/** What app/personal-data.ts says of a table, before what else hands it out. */
function handsOf({ name, hands }: Retention): Texts {
  const personal = personalTables.find(({ table }) => table === name);
  if (personal === undefined) return hands;
  const isShown = Object.values(personal.columns).some((how) => typeof how === "string");
  const shown = isShown
    ? { zh: "本人的数据导出", en: "in its owner’s export" }
    : { zh: "不导出（只有密钥或内部编号）", en: "in no export: nothing but keys and numbers of its own" };
  const erased = {
    cascade: { zh: "随账号清除", en: "erased with the account" },
    erased: { zh: "清除账号时删除", en: "removed when the account is erased" },
    pseudonymised: {
      zh: "清除账号时去除其中的个人信息",
      en: "stays when the account is erased, without anything of the person",
    },
  }[personal.erasure];
  const join = (language: keyof Texts, comma: string) =>
    [shown[language], ...(hands === nobody ? [] : [hands[language]]), erased[language]].join(comma);
  return { zh: join("zh", "；"), en: join("en", "; ") };
}

export const tables: readonly Retention[] = rows.map((row) => ({ ...row, hands: handsOf(row) }));

/** Of the store of codes and counters, in Redis or in kv_entries. Each has a time to live, and nothing else removes it. */
const keyFamilies: Readonly<Record<string, Texts>> = {
  flag: { zh: "发送间隔（SEND_CODE_INTERVAL）", en: "SEND_CODE_INTERVAL" },
  mails: { zh: "一小时或一天", en: "an hour or a day" },
  code: { zh: "验证码有效期，续发时最多 10 分钟", en: "a code's life; asked for again, ten minutes at most" },
  askers: { zh: "与验证码相同", en: "as long as the code" },
  tries: { zh: "与验证码相同", en: "as long as the code" },
  guesses: { zh: "一天", en: "a day" },
  smssends: {
    zh: "一天多，到最后一条不再计数为止",
    en: "a day and some minutes after the number's last SMS",
  },
  smsrefusal: { zh: "最多 10 分钟", en: "ten minutes at most" },
  limit: { zh: "计数窗口，最多一天", en: "the window of the limit, a day at most" },
  state: { zh: "10 分钟", en: "ten minutes" },
  ticket: { zh: "10 分钟", en: "ten minutes" },
  once: { zh: "其用途所需，最多一天", en: "as long as what it is for, a day at most" },
  picture: { zh: "5 分钟，只能用一次", en: "five minutes, or one try" },
  findticket: { zh: "10 分钟", en: "ten minutes" },
  probe: { zh: "数秒", en: "seconds" },
};

/** The document. `schema` is docs/schema.sql. Throws where something has no row here, or a row has nothing. */
export function retentionDocument(schema: string): string {
  const found = [...schema.matchAll(/CREATE TABLE (\w+)/g)]
    .map((match) => match[1]!)
    .filter((name) => name !== "sqlite_sequence");
  sameNames(
    "table",
    found,
    tables.map(({ name }) => name),
  );
  // What an export shows and an erasure clears is said of each, or why it is nobody's.
  sameNames("table in server/src/app/personal-data.ts", found, [
    ...personalTables.map(({ table }) => table as string),
    ...Object.keys(impersonal),
  ]);
  sameNames("family of keys", kvFamilies, Object.keys(keyFamilies));
  const [zh, en] = (["zh", "en"] as const).map((language) =>
    tables
      .map(
        ({ name, holds, kept, hands }) =>
          `| \`${name}\` | ${holds[language]} | ${kept[language]} | ${hands[language]} |`,
      )
      .join("\n"),
  );
  const families = Object.entries(keyFamilies)
    .map(([name, life]) => `| \`${name}\` | ${life.zh} | ${life.en} |`)
    .join("\n");
  return `# Retention 数据保留

Generated from \`scripts/retention.ts\` by \`npm run generate\`. Nothing grows for ever by what visitors do:
\`server/test/api/retention.test.ts\` fills every table, moves the clock and counts. The maintenance runs once a minute in every process.
访客的行为不会让任何表无限增长；维护任务在每个进程中每分钟运行一次。

## Tables

| table | holds | what removes it, and when | who exports and erases it |
| --- | --- | --- | --- |
${en}

## 表

| 表 | 内容 | 由什么、何时删除 | 由谁导出和清除 |
| --- | --- | --- | --- |
${zh}

## Short-lived entries 临时条目

In Redis, or in \`kv_entries\` without it. Subjects are keyed digests: no entry's name shows an address.
在 Redis 中；没有 Redis 时在 \`kv_entries\` 中。名称中的对象是带密钥的摘要。

| entry 条目 | 保留 | kept |
| --- | --- | --- |
${families}

## The queue 队列

With Redis, jobs are in BullMQ's queue under \`{meiduo}:jobs\` (with a prefix \`shop:{shop}:jobs\`), with the times of \`jobs\`: done ones
${doneDays} day and ${keptDone.most} at most, dead letters ${deadDays} days and ${deadLetters.most} at most. Waiting ones end with their deadline: a code's mail
when the code has expired, a notice after two days. What tells of a join has the erased account's name, address or number that long; what is
left of it goes on the fourth day.
使用 Redis 时任务在 BullMQ 队列中，保留时间与 \`jobs\` 相同；等待中的任务到其截止时间为止。合并账号的通知在此期间含有被清除账号的用户名、邮箱或号码，余下的在第四天清除。

## Not in the database 数据库之外

Logs go to standard output and are kept by whatever collects them. A backup holds what the tables held: delete old ones, and after an
account was erased, those that still hold it. 日志和备份由运营者保留和删除；清除账号后，请一并删除仍含有它的备份。
`;
}

function sameNames(what: string, found: readonly string[], listed: readonly string[]): void {
  const missing = found.filter((name) => !listed.includes(name));
  const left = listed.filter((name) => !found.includes(name));
  if (missing.length + left.length === 0) return;
  throw new Error(
    `scripts/retention.ts: no row for the ${what} ${missing.join(", ") || "-"}; nothing there for ${left.join(", ") || "-"}`,
  );
}
