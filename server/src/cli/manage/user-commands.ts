import { type AccountField, problemOf } from "../../accounts/account-field.ts";
import { email as emailField } from "../../accounts/email.ts";
import { changeUser, endTokens, setPassword, type UserChanges } from "../../accounts/user-change.ts";
import type { User } from "../../accounts/user-store.ts";
import { username as usernameField } from "../../accounts/username.ts";
import { renderUser } from "../../admin/admin-fields.ts";
import type { Db } from "../../engines/database/database.ts";
import { fieldCodes } from "../../errors/error-codes.ts";
import { readNewPassword } from "../terminal/new-password.ts";
import { readArguments, wrongNumber } from "../terminal/read-arguments.ts";
import { CommandFailure } from "../terminal/terminal.ts";
import { type Command, type ManageContext, show, unknownVerb } from "./command.ts";
import { findAccount } from "./find-account.ts";

/** Who hashes here, in a process of its own. */
const operator = { client: "command line", account: null };

/** Commands about one account. Each change is in the audit log under the operating system's user. */
export const createSuperuser: Command = {
  usage: "createsuperuser [--username <name>] [--email <address>] [--password-stdin] [--json]",
  makesDatabase: true,
  zh: "创建超级用户；缺少的内容会询问，密码不回显",
  en: "make a superuser; asks for what is missing, the password without showing it",
  async run(context, args) {
    const { values } = readArguments(args, {
      username: { type: "string" },
      email: { type: "string" },
      "password-stdin": { type: "boolean" },
      json: { type: "boolean" },
    });
    const { terminal, db } = context;
    const zh = terminal.language === "zh";
    const username = checked(
      usernameField,
      values.username ?? (await terminal.ask(zh ? "用户名：" : "User name: ")),
    );
    // With --username but without --email nothing is asked: a superuser needs no address.
    const given =
      values.email ??
      (values.username ? "" : await terminal.ask(zh ? "邮箱（可空）：" : "E-mail (may be empty): "));
    const email = given.trim() === "" ? null : checked(emailField, given.trim());
    const account = { username, email };
    const password = await readNewPassword(terminal, { fromStdin: values["password-stdin"], account });
    const password_hash = await context.passwords.hash(password, operator);
    const user = await db.transaction(async (transaction) => {
      const flags = { is_staff: 1, is_superuser: 1 } as const;
      const values = { ...account, password_hash, ...flags };
      const created = await context.users.create(transaction, values, "operator");
      if ("taken" in created) {
        const { called } = created.taken === "email" ? emailField : usernameField;
        throw new CommandFailure(`${called.zh}已被使用。`, `The ${called.en} is taken.`);
      }
      await record(context, transaction, "user.create", created, {}, { username, email, ...flags });
      return created;
    });
    const text = zh ? `已创建超级用户 ${username}。` : `Superuser ${username} was made.`;
    show(terminal, values.json, { id: user.id, username, email }, text);
    return 0;
  },
};

export const changePassword: Command = {
  usage: "changepassword <user name, e-mail or mobile> [--password-stdin] [--json]",
  zh: "设置账号的新密码，并使其所有令牌失效",
  en: "set an account's password and end all of its tokens",
  async run(context, args) {
    const { values, positionals } = readArguments(
      args,
      { "password-stdin": { type: "boolean" }, json: { type: "boolean" } },
      { min: 1, max: 1 },
    );
    const user = await findAccount(context.users, positionals[0]!);
    const { terminal, db, clock } = context;
    const password = await readNewPassword(terminal, { fromStdin: values["password-stdin"], account: user });
    const hash = await context.passwords.hash(password, operator);
    await db.transaction(async (transaction) => {
      await setPassword(transaction, clock, user.id, hash);
      await record(context, transaction, "user.password", user, { password: 0 }, { password: 1 });
    });
    const zh = terminal.language === "zh";
    const text = zh ? `${user.username} 的密码已更改。` : `The password of ${user.username} was changed.`;
    show(terminal, values.json, { id: user.id, username: user.username }, text);
    return 0;
  },
};

const verbs: Record<string, UserChanges | "end-tokens" | "show" | "rename"> = {
  show: "show",
  activate: { is_active: 1 },
  deactivate: { is_active: 0 },
  "end-tokens": "end-tokens",
  rename: "rename",
  "make-staff": { is_staff: 1 },
  "unmake-staff": { is_staff: 0 },
  "make-superuser": { is_superuser: 1 },
  "unmake-superuser": { is_superuser: 0 },
};

export const user: Command = {
  usage: `user ${Object.keys(verbs).join("|")} <user name, e-mail, mobile or #id> [--json]`,
  zh: "查看账号，启用、停用、改名、结束令牌、设置职员或超级用户",
  en: "show, activate, deactivate or rename an account, end its tokens, make it staff or superuser",
  details: {
    zh: "  user rename <账号> <新用户名>\n  没有登录名的账号用编号查找：user show '#17'",
    en: "  user rename <account> <new user name>\n  An account without a log-in name is found by its id: user show '#17'",
  },
  async run(context, args) {
    const { values, positionals } = readArguments(args, { json: { type: "boolean" } }, { min: 2, max: 3 });
    const [verb, name, newName] = positionals as [string, string, string | undefined];
    const action = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
    if (action === undefined) throw unknownVerb(verb);
    if ((action === "rename") !== (newName !== undefined)) throw wrongNumber();
    const found = await findAccount(context.users, name);
    const { db, clock } = context;
    if (action === "end-tokens") {
      await db.transaction(async (transaction) => {
        const { user, version } = await endTokens(transaction, clock, found.id);
        const { credentials_version } = user;
        const after = { credentials_version: version };
        await record(context, transaction, "user.end-tokens", found, { credentials_version }, after);
      });
    } else if (action !== "show") {
      const changes = action === "rename" ? { username: checked(usernameField, newName!) } : action;
      await db.transaction(async (transaction) => {
        const { before, after } = await changeUser(transaction, clock, found.id, changes);
        const pick = (row: User) =>
          Object.fromEntries(Object.keys(changes).map((field) => [field, row[field as keyof UserChanges]]));
        await record(context, transaction, "user.change", before, pick(before), pick(after));
      });
    }
    await describe(context, (await context.users.byId(found.id))!, values.json);
    return 0;
  },
};

/** As an account has it; else why it can't have it. */
function checked(field: AccountField, given: string): string {
  const problem = problemOf(field, field.operator, given);
  if (problem === null) return field.normalize(given);
  const { zh, en } = fieldCodes[problem.code];
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => String(problem.parameters?.[name] ?? whole));
  throw new CommandFailure(fill(zh), fill(en));
}

async function describe(context: ManageContext, account: User, asJson: boolean | undefined): Promise<void> {
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

async function record(
  { audit, actor }: ManageContext,
  transaction: Db,
  action: string,
  target: User,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Promise<void> {
  const about = { targetKind: "user", targetId: target.id, target: target.username } as const;
  await audit.record(transaction, actor, { action, ...about, before, after });
}
