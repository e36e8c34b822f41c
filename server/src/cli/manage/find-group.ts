import type { Db } from "../../engines/database/database.ts";
import type { Groups } from "../../permissions/groups.ts";
import { CommandFailure } from "../terminal/terminal.ts";

/** The group that an operator named. Error: CommandFailure. */
export async function findGroup(groups: Pick<Groups, "byName">, name: string, from?: Db) {
  const found = await groups.byName(name, from);
  if (found === null) throw new CommandFailure(`没有用户组 ${name}。`, `There is no group ${name}.`);
  return found;
}
