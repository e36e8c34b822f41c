import { email as emailField } from "../../accounts/email.ts";
import { username as usernameField } from "../../accounts/username.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import { operator, passwordOption, readNewPassword } from "../terminal/new-password.ts";
import { CommandFailure } from "../terminal/terminal.ts";
import { recordOfAccount } from "./account-audit.ts";
import { checkedField } from "./checked-field.ts";

export const addSuperuser: Command = defineCommand({
  name: "createsuperuser",
  group: "people",
  needs: "database",
  makesDatabase: true,
  json: true,
  zh: "创建超级用户；缺少的内容会询问，密码不回显",
  en: "makes a superuser; asks for what is missing, the password without showing it",
  options: {
    username: { type: "string", value: { zh: "<用户名>", en: "<name>" }, zh: "用户名", en: "its user name" },
    email: {
      type: "string",
      value: { zh: "<邮箱>", en: "<address>" },
      zh: "邮箱，可以没有",
      en: "its e-mail address; it needs none",
    },
    "password-stdin": passwordOption,
  },
  async run(context, { values, json }) {
    const { terminal, db } = context;
    const zh = terminal.language === "zh";
    const username = checkedField(
      usernameField,
      values.username ?? (await terminal.ask(zh ? "用户名：" : "User name: ")),
    );
    // With --username but without --email nothing is asked: a superuser needs no address.
    const given =
      values.email ??
      (values.username ? "" : await terminal.ask(zh ? "邮箱（可空）：" : "E-mail (may be empty): "));
    const email = given.trim() === "" ? null : checkedField(emailField, given.trim());
    const account = { username, email };
    const password = await readNewPassword(terminal, { fromStdin: values["password-stdin"], account });
    const password_hash = await context.passwords.hash(password, operator);
    const user = await db.transaction(async (transaction) => {
      const flags = { is_staff: 1, is_superuser: 1 } as const;
      const row = { ...account, password_hash, ...flags };
      const created = await context.users.add(transaction, row, "operator");
      if ("taken" in created) {
        const { called } = created.taken === "email" ? emailField : usernameField;
        throw new CommandFailure(`${called.zh}已被使用。`, `The ${called.en} is taken.`);
      }
      await recordOfAccount(context, transaction, "user.create", created, {}, { username, email, ...flags });
      return created;
    });
    const text = zh ? `已创建超级用户 ${username}。` : `Superuser ${username} was made.`;
    show(terminal, json, { id: user.id, username, email }, text);
    return 0;
  },
});
