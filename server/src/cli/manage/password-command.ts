import { tellOwner } from "../../accounts/owner-notices.ts";
import { setPassword } from "../../accounts/user-change.ts";
import { createOutbox } from "../../engines/jobs/outbox.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import { operator, passwordOption, readNewPassword } from "../terminal/new-password.ts";
import { recordOfAccount } from "./account-audit.ts";
import { accountDetails, accountWord, findAccount } from "./find-account.ts";

export const changePassword: Command = defineCommand({
  name: "changepassword",
  group: "people",
  needs: "database",
  json: true,
  zh: "设置账号的新密码，使其所有令牌失效，并告知本人",
  en: "sets an account's password, ends all of its tokens, and tells its owner",
  words: accountWord,
  options: { "password-stdin": passwordOption },
  details: accountDetails,
  async run(context, { words, values, json }) {
    const user = await findAccount(context.users, words[0]!);
    const { terminal, db, clock } = context;
    const password = await readNewPassword(context, { fromStdin: values["password-stdin"], account: user });
    const hash = await context.newPasswords.hash(password, operator);
    await db.transaction(async (transaction) => {
      await setPassword(transaction, clock, user.id, hash);
      const notice = { kind: "password_changed", now: clock.now() } as const;
      await tellOwner(createOutbox(context), transaction, user, notice);
      await recordOfAccount(context, transaction, "user.password", user, { password: 0 }, { password: 1 });
    });
    const zh = terminal.language === "zh";
    const text = zh ? `${user.username} 的密码已更改。` : `The password of ${user.username} was changed.`;
    show(terminal, json, { id: user.id, username: user.username }, text);
    return 0;
  },
});
