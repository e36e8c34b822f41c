import type { User } from "../../accounts/record.ts";
import type { Users } from "../../accounts/users.ts";
import type { Db } from "../../engines/database/database.ts";
import { CommandFailure } from "../terminal/terminal.ts";

/** How usage shows an account, and help explains it. */
export const accountWord = { zh: "<账号>", en: "<account>" } as const;
export const accountDetails = {
  zh: "账号可写用户名、邮箱或手机号；没有登录名的账号用编号查找，例如 '#17'。",
  en: "An account is given by user name, e-mail address or mobile number; one without them by its id: '#17'.",
} as const;

/** The account that an operator named: by user name, address, mobile number, or `#<id>` where it has none of them. */
export async function findAccount(users: Users, name: string, from?: Db): Promise<User> {
  const id = /^#(\d{1,15})$/.exec(name)?.[1];
  const found = id === undefined ? await users.byLoginName(name, from) : await users.byId(Number(id), from);
  if (found === null) throw new CommandFailure(`没有账号 ${name}。`, `There is no account ${name}.`);
  return found;
}
