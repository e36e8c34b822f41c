import type { Db } from "../database/database.ts";
import type { Clock } from "../lib/clock.ts";
import { AppError } from "../lib/errors.ts";
import { changeUser, setPassword, type UserChanges } from "../users/user-change.ts";
import type { PlannedUpdate } from "./import-changes.ts";
import {
  accountFacts,
  bindingFact,
  isUntouched,
  linkFacts,
  membershipFact,
  versionFact,
} from "./import-record.ts";
import { findExistingUsers, findRecords, replaceRecord } from "./import-store.ts";

/**
 * Takes over what changed in the source of one account, in one transaction: the account, what hangs on it and the
 * record of it change together. Under the account's lock it is looked at again: who changed it here meanwhile keeps
 * theirs. Returns null, or why it was left: `touched`, or what the rules of accounts refuse (a name that another
 * account holds, the last superuser).
 */
export async function applyUpdate(
  db: Db,
  clock: Clock,
  id: number,
  update: PlannedUpdate,
): Promise<string | null> {
  try {
    await db.transaction((transaction) => write(transaction, clock, id, update));
    return null;
  } catch (error) {
    if (error instanceof Touched) return "touched";
    if (!(error instanceof AppError)) throw error;
    return error.fields?.map(({ field, code }) => `${field}: ${code}`).join(", ") || error.code;
  }
}

class Touched extends Error {
  override readonly name = "Touched";
}

async function write(transaction: Db, clock: Clock, id: number, update: PlannedUpdate): Promise<void> {
  const { before } = await changeUser(transaction, clock, id, wantedOf(update));
  const known = (await findRecords(transaction, [id, id])).get(id);
  if (known === undefined || !isUntouched(known, before)) throw new Touched();
  if (update.account !== null && update.changes.includes("password")) {
    await setPassword(transaction, clock, id, update.account.password_hash);
    // As at the import: the original had trimmed the password.
    await transaction.kysely.updateTable("users").set({ password_trimmed: 1 }).where("id", "=", id).execute();
  }
  const links = new Set(linkFacts(known));
  for (const { provider, account_key } of update.bindings) {
    links.delete(bindingFact(provider, account_key));
    await transaction.kysely
      .deleteFrom("bindings")
      .where("provider", "=", provider)
      .where("account_key", "=", account_key)
      .where("user_id", "=", id)
      .execute();
  }
  for (const group of update.user_groups) {
    links.delete(membershipFact.user_groups(group));
    const rows = transaction.kysely.deleteFrom("user_groups").where("user_id", "=", id);
    await rows.where("group_id", "=", group).execute();
  }
  for (const permission of update.user_permissions) {
    links.delete(membershipFact.user_permissions(permission));
    const rows = transaction.kysely.deleteFrom("user_permissions").where("user_id", "=", id);
    await rows.where("permission_id", "=", permission).execute();
  }
  const after = (await findExistingUsers(transaction, [id])).get(id)!;
  const facts = [...accountFacts(after), versionFact(after.credentials_version), ...links];
  await replaceRecord(transaction, id, facts.join(" "));
}

function wantedOf({ account }: PlannedUpdate): UserChanges {
  if (account === null) return {};
  const { username, email, mobile, first_name, last_name, is_active, is_staff, is_superuser } = account;
  return { username, email, mobile, first_name, last_name, is_active, is_staff, is_superuser };
}
