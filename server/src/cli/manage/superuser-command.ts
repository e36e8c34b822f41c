import { email as emailField } from "../../accounts/email.ts";
import { username as usernameField } from "../../accounts/username.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import { operator, passwordOption, readNewPassword } from "../terminal/new-password.ts";
import { checkedField } from "./checked-field.ts";
import { makeAccount } from "./make-account.ts";

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
    const password = await readNewPassword(context, { fromStdin: values["password-stdin"], account });
    const password_hash = await context.newPasswords.hash(password, operator);
    const wanted = { ...account, is_staff: 1, is_superuser: 1 } as const;
    const user = await db.transaction((transaction) =>
      makeAccount(context, transaction, wanted, password_hash),
    );
    const text = zh ? `已创建超级用户 ${username}。` : `Superuser ${username} was made.`;
    show(terminal, json, { id: user.id, username, email }, text);
    return 0;
  },
});
