import type { User } from "../../accounts/record.ts";
import type { Db } from "../../engines/database/database.ts";
import type { ManageContext } from "../command/contexts.ts";

/** Adds an account to a group, or removes it from one, with its entry in the audit log; one that is so already has none. */
export async function setMember(
  { users, groups, audit, actor }: ManageContext,
  transaction: Db,
  { id, username }: Pick<User, "id" | "username">,
  group: number,
  verb: "add" | "remove",
): Promise<void> {
  // Before its groups, as everybody who changes an account.
  await users.lock(transaction, id);
  const before = await groups.ofUser(id, transaction);
  const ids = before.map((row) => row.id).filter((one) => one !== group);
  const after = await groups.setOfUser(transaction, id, verb === "add" ? [...ids, group] : ids);
  await audit.record(transaction, actor, {
    ...{ action: "user.groups", targetKind: "user", targetId: id, target: username },
    before: { groups: before.map((row) => row.name) },
    after: { groups: after.map((row) => row.name) },
  });
}
