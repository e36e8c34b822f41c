import type { User } from "../../accounts/user-store.ts";
import type { Users } from "../../accounts/users.ts";
import type { Db } from "../../engines/database/database.ts";
import { CommandFailure } from "../terminal/terminal.ts";

/** The account that an operator named: by user name, address, mobile number, or `#<id>` where it has none of them. */
export async function findAccount(users: Users, name: string, from?: Db): Promise<User> {
  const id = /^#(\d{1,15})$/.exec(name)?.[1];
  const found = id === undefined ? await users.byLoginName(name, from) : await users.byId(Number(id), from);
  if (found === null) throw new CommandFailure(`没有账号 ${name}。`, `There is no account ${name}.`);
  return found;
}
