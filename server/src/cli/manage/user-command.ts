import type { User, UserChanges } from "../../accounts/record.ts";
import { changeUser } from "../../accounts/user-change.ts";
import { username } from "../../accounts/username.ts";
import { renderUser } from "../../admin/admin-fields.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import type { ManageContext } from "../command/contexts.ts";
import { showProgress } from "../terminal/progress.ts";
import { recordOfAccount } from "./account-audit.ts";
import { checkedField } from "./checked-field.ts";
import { endAccountTokens } from "./end-account-tokens.ts";
import { accountDetails, accountWord, findAccount } from "./find-account.ts";
import { languageOption } from "./offered-language.ts";
import { checkCreate, createAccount, createOptions } from "./user-create.ts";
import { changeNote, checkDisable, disable, disableOptions, listNotes } from "./user-disable.ts";
import { checkLogIns, endSession, listLogIns, listSessions, logInOptions } from "./user-log-ins.ts";
import { deleteUser, exportUser, rightsOptions } from "./user-rights.ts";

/** Commands about one account. Each change is in the audit log under the operating system's user. */
const flags: Readonly<Record<string, UserChanges>> = {
  activate: { is_active: 1 },
  deactivate: { is_active: 0 },
  "make-staff": { is_staff: 1 },
  "unmake-staff": { is_staff: 0 },
  "make-superuser": { is_superuser: 1 },
  "unmake-superuser": { is_superuser: 0 },
};

const words = accountWord;

export const user: Command = defineCommand({
  name: "user",
  group: "people",
  needs: "database",
  json: true,
  zh: "一个账号：资料、状态和权限",
  en: "one account: its data, its state and its rights",
  verbs: {
    create: {
      words: { zh: "<用户名>", en: "<user-name>" },
      zh: "创建账号，不经过注册；密码会询问，不回显",
      en: "makes one without a sign-up; asks for the password without showing it",
    },
    seed: {
      words: { zh: "<文件.json>", en: "<file.json>" },
      zh: "按文件创建用户组和账号；已有的账号不改动",
      en: "makes the groups and accounts of a file; leaves those that are there as they are",
    },
    why: {
      words,
      zh: "为什么登录不了：状态、限制、邮件",
      en: "why its owner can't log in: state, limits, mails",
    },
    show: { words, zh: "显示账号、用户组和权限", en: "the account, its groups and permissions" },
    activate: { words, zh: "启用", en: "lets it log in again" },
    deactivate: {
      words,
      zh: "停用，令牌立即失效；--reason 写原因，--until 写期限",
      en: "keeps it from logging in, its tokens end at once; with --reason and --until",
    },
    notes: { words, zh: "职员的备注", en: "what staff wrote down about it" },
    note: {
      words: { zh: "<账号> <备注>", en: "<account> <text>" },
      zh: "写一条备注",
      en: "writes something down",
    },
    unnote: {
      words: { zh: "<账号> <备注编号>", en: "<account> <note>" },
      zh: "删除一条备注",
      en: "removes what was written down",
    },
    sessions: { words, zh: "在哪里登录着", en: "where it is logged in" },
    "end-session": {
      words: { zh: "<账号> <登录编号>", en: "<account> <session>" },
      zh: "结束其中一个登录",
      en: "ends one of its sessions",
    },
    "end-tokens": { words, zh: "使其所有令牌失效", en: "ends its tokens" },
    "log-ins": { words, zh: "以往的登录", en: "its past log-ins" },
    "reset-mail": {
      words,
      zh: "向本人发送重设密码邮件",
      en: "mails its owner a code to set a new password with",
    },
    rename: {
      words: { zh: "<账号> <新用户名>", en: "<account> <new-user-name>" },
      zh: "改用户名",
      en: "gives it another user name",
    },
    export: {
      words,
      zh: "把保存的全部个人数据写成 ZIP，并告知本人",
      en: "writes everything that is kept about its owner into a ZIP, and tells them",
    },
    delete: {
      words,
      zh: "结束其所有登录，宽限期（DELETION_GRACE_DAYS）后清除",
      en: "ends its log-ins, and erases it when DELETION_GRACE_DAYS are over",
    },
    join: {
      words: { zh: "<保留的账号> <并入的账号>", en: "<kept> <joined>" },
      zh: "把同一个人的另一个账号并入，另一个随即清除；没有 --yes 只显示结果",
      en: "has another account of the same person go into it, and erases that; without --yes only shows what would become of both",
    },
    "make-staff": { words, zh: "设为职员", en: "makes it staff" },
    "unmake-staff": { words, zh: "不再是职员", en: "no longer staff" },
    "make-superuser": { words, zh: "设为超级用户", en: "makes it a superuser" },
    "unmake-superuser": { words, zh: "不再是超级用户", en: "no longer a superuser" },
  },
  options: {
    ...{ ...createOptions, ...rightsOptions, ...disableOptions, ...logInOptions },
    language: { ...languageOption, of: "reset-mail" },
  },
  details: {
    zh: `${accountDetails.zh}
seed 的文件：{"groups": [{"name", "permissions"}], "accounts": [{"username", "email", "mobile", "first_name",
"last_name", "nickname", "fields", "is_staff", "groups", "permissions"}]}；其中没有密码，由本人用“忘记密码”设置。`,
    en: `${accountDetails.en}
The file of seed: {"groups": [{"name", "permissions"}], "accounts": [{"username", "email", "mobile", "first_name",
"last_name", "nickname", "fields", "is_staff", "groups", "permissions"}]}. It has no passwords: owners set theirs by “forgotten password”.`,
  },
  check({ verb, values }) {
    if (verb === "create") checkCreate(values);
    if (verb === "deactivate") checkDisable(values);
    if (verb === "log-ins") checkLogIns(values);
  },
  async run(context, { verb, words: [name, newName], values, json }) {
    if (verb === "seed") return seed(context, name!, json);
    if (verb === "why") return (await import("./user-why.ts")).why(context, name!, json);
    if (verb === "create") {
      await describe(context, await createAccount(context, name!, values), json);
      return 0;
    }
    if (verb === "delete") return deleteUser(context, name!, values, json);
    if (verb === "join") {
      return (await import("./user-join.ts")).joinUsers(context, [name!, newName!], values, json);
    }
    if (verb === "export") return exportUser(context, name!, values, json);
    const found = await findAccount(context.users, name!);
    if (verb === "end-tokens") {
      await context.db.transaction((transaction) => endAccountTokens(context, transaction, found.id));
    } else if (verb === "rename")
      await change(context, found, { username: checkedField(username, newName!) });
    else if (verb === "notes") return listNotes(context, found, json);
    else if (verb === "sessions") return listSessions(context, found, json);
    else if (verb === "end-session") return endSession(context, found, newName!, json);
    else if (verb === "log-ins") return listLogIns(context, found, values, json);
    else if (verb === "reset-mail") {
      const { sendResetMail } = await import("./user-reset-mail.ts");
      return sendResetMail(context, found, values.language, json);
    } else if (verb === "note" || verb === "unnote") {
      return changeNote(context, found, { verb, word: newName!, asJson: json });
    } else if (verb === "deactivate" && values.reason !== undefined) {
      await disable(context, found, { reason: values.reason, until: values.until });
    } else if (verb !== "show") await change(context, found, flags[verb]!);
    await describe(context, (await context.users.byId(found.id))!, json);
    return 0;
  },
});

async function seed(context: ManageContext, file: string, asJson: boolean): Promise<number> {
  const { readSeed, seedAccounts } = await import("./user-seed.ts");
  const progress = showProgress(context.terminal, asJson);
  const seeded = await seedAccounts(context, readSeed(context.path(file)), progress).finally(progress.end);
  const { groups, made, there } = seeded;
  const text = {
    zh: `已创建用户组 ${groups.length} 个、账号 ${made.length} 个；已存在、未改动的账号 ${there.length} 个。`,
    en: `Made ${groups.length} groups and ${made.length} accounts; ${there.length} accounts were there and stay as they are.`,
  };
  show(context.terminal, asJson, seeded, text[context.terminal.language]);
  return 0;
}

async function change(context: ManageContext, found: User, changes: UserChanges): Promise<void> {
  const { db, clock } = context;
  await db.transaction(async (transaction) => {
    const { before, after } = await changeUser(transaction, clock, found.id, changes);
    const pick = (row: User) =>
      Object.fromEntries(Object.keys(changes).map((field) => [field, row[field as keyof UserChanges]]));
    await recordOfAccount(context, transaction, "user.change", before, pick(before), pick(after));
  });
}

async function describe(context: ManageContext, account: User, asJson: boolean): Promise<void> {
  const groups = (await context.groups.ofUser(account.id)).map(({ name }) => name);
  const value = {
    ...renderUser(account),
    usable_password: context.passwords.isUsable(account.password_hash),
    groups,
    permissions: await context.permissions.grantedTo(account.id),
  };
  const lines = Object.entries(value).map(([field, content]) => {
    const text = Array.isArray(content) ? content.join(", ") : String(content ?? "");
    return `${field.padEnd(16)} ${text}`;
  });
  show(context.terminal, asJson, value, lines.join("\n"));
}
