import { operatorValues, type StoredAccount, type User } from "../../accounts/record.ts";
import { changeUser, setPassword } from "../../accounts/user-change.ts";
import type { Db } from "../../engines/database/database.ts";
import { AppError } from "../../errors/errors.ts";
import type { Clock } from "../../kernel/clock.ts";
import { nameKeys } from "../../kernel/name-key.ts";
import type { ErasedHere } from "../../rights/erased-here.ts";
import type { PlannedUpdate } from "./import-changes.ts";
import { type ImportEvents, tellUpdated } from "./import-events.ts";
import {
  accountFacts,
  bindingFact,
  changesSince,
  isUntouched,
  linkFacts,
  membershipFact,
  versionFact,
} from "./import-record.ts";
import { findRecords, findStoredAccounts, replaceRecord } from "./import-store.ts";

/**
 * Takes over what changed in the source of one account, in one transaction: the account, what hangs on it and the
 * record of it change together. It is read again under the account's lock: a change made here meanwhile stays. Returns
 * null, or why it was left: `done` by another import meanwhile, `touched`, or what the rules of accounts refuse (a name
 * that another account holds, the last superuser).
 */
export async function applyUpdate(
  { db, ...deps }: { readonly db: Db } & UpdateDeps,
  id: number,
  update: PlannedUpdate,
): Promise<string | null> {
  try {
    await db.transaction((transaction) => write(transaction, deps, id, update));
    return null;
  } catch (error) {
    if (error instanceof Left) return error.message;
    if (!(error instanceof AppError)) throw error;
    return error.fields?.map(({ field, code }) => `${field}: ${code}`).join(", ") || error.code;
  }
}

/** Undoes the transaction. */
class Left extends Error {
  override readonly name = "Left";
}

interface UpdateDeps {
  readonly clock: Clock;
  readonly events: ImportEvents;
  readonly erased: ErasedHere;
}

async function write(
  transaction: Db,
  { clock, events, erased }: UpdateDeps,
  id: number,
  update: PlannedUpdate,
): Promise<void> {
  const { before } = await changeUser(
    transaction,
    clock,
    id,
    // A nickname is its owner's: of a later import's the one here is never known to be older.
    update.account === null ? {} : { ...operatorValues(update.account), nickname: undefined },
  );
  const known = (await findRecords(transaction, [id, id])).get(id);
  if (known === undefined || !isUntouched(known, before)) throw new Left("touched");
  if (update.account !== null) await refuseErasedNames(transaction, erased, before, update.account);
  const { account, bindings, user_groups, user_permissions } = update;
  const gone = new Set([
    ...bindings.map(({ provider, account_key }) => bindingFact(provider, account_key)),
    ...user_groups.map(membershipFact.user_groups),
    ...user_permissions.map(membershipFact.user_permissions),
  ]);
  const isGone = [...gone].every((fact) => !known.has(fact));
  const isTaken = account === null || changesSince(known, account).length === 0;
  if (isGone && isTaken) throw new Left("done");
  if (account !== null && update.changes.includes("password")) {
    // As at the import: the original had trimmed the password.
    await setPassword(transaction, clock, id, account.password_hash, 1);
  }
  await removeLinks(transaction, id, update);
  const after = (await findStoredAccounts(transaction, [id])).get(id)!;
  const links = linkFacts(known).filter((fact) => !gone.has(fact));
  const facts = [...accountFacts(after), versionFact(after.credentials_version), ...links];
  await replaceRecord(transaction, id, facts.join(" "));
  const isRenamed = (["username", "email", "mobile"] as const).some((name) => before[name] !== after[name]);
  const standing = { wasActive: before.is_active, isActive: after.is_active, isRenamed };
  await tellUpdated(events, transaction, id, { changes: update.changes, ...standing });
}

/** A name of somebody who was erased a while ago leads to nobody else by a change in the source, either. */
async function refuseErasedNames(
  transaction: Db,
  erased: ErasedHere,
  before: User,
  wanted: StoredAccount,
): Promise<void> {
  for (const field of ["username", "email", "mobile"] as const) {
    const name = wanted[field];
    if (name === null || name === before[field]) continue;
    const found = await erased.names(transaction, nameKeys(name));
    if (found.size > 0) throw new Left(`${field}: erased here`);
  }
}

async function removeLinks(
  transaction: Db,
  id: number,
  { bindings, user_groups, user_permissions }: PlannedUpdate,
): Promise<void> {
  for (const { provider, account_key } of bindings) {
    await transaction.kysely
      .deleteFrom("bindings")
      .where("provider", "=", provider)
      .where("account_key", "=", account_key)
      .where("user_id", "=", id)
      .execute();
  }
  for (const group of user_groups) {
    const rows = transaction.kysely.deleteFrom("user_groups").where("user_id", "=", id);
    await rows.where("group_id", "=", group).execute();
  }
  for (const permission of user_permissions) {
    const rows = transaction.kysely.deleteFrom("user_permissions").where("user_id", "=", id);
    await rows.where("permission_id", "=", permission).execute();
  }
}
