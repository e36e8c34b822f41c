import type { Db } from "../engines/database/database.ts";
import type { Flag } from "../engines/database/flag.ts";
import { AppError, invalidFields } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import { type Changes, writeChanges, writePassword, writeTokensEnded } from "./change.ts";
import { removeDisabling } from "./disabled-rows.ts";
import { email } from "./email.ts";
import type { User, UserChanges } from "./record.ts";
import { findUserById, lockUser } from "./user-store.ts";
import { username, usernameAfter } from "./username.ts";

/**
 * Changes that an operator makes to an account. Promises: a new name is claimed and the old one given up in
 * one transaction, so a log-in name never belongs to two accounts or to none; a new address counts as
 * unconfirmed; deactivating ends the account's tokens for good; the last active superuser stays one.
 *
 * Changes the account within the caller's transaction and returns it as it is then. Errors: `not_found`,
 * `invalid_fields` for a taken name or one that is none, `last_superuser`.
 */
export async function changeUser(
  transaction: Db,
  clock: Clock,
  id: number,
  changes: UserChanges,
): Promise<{ before: User; after: User }> {
  const seen = await findUserById(transaction, id);
  if (seen === null) throw new AppError("not_found");
  const wanted: UserChanges = {
    ...changes,
    ...(changes.email ? { email: email.normalize(changes.email) } : {}),
    ...(changes.username ? { username: username.normalize(changes.username) } : {}),
  };
  const steppingDown =
    seen.is_superuser === 1 && seen.is_active === 1 && (wanted.is_superuser === 0 || wanted.is_active === 0);
  if (steppingDown) await refuseLastSuperuser(transaction, id);
  // Only now: the superusers are locked in the order of their ids, or two step-downs wait for each other.
  const before = await lockUser(transaction, id);
  if (before === null) throw new AppError("not_found");
  if (wanted.username !== undefined && wanted.username !== before.username) {
    const code = username.operator.check(wanted.username);
    if (code !== null) throw invalidFields({ field: "username", code });
  }

  const { email: address, username: name } = wanted;
  const written: Changes = {
    ...wanted,
    ...(address && name === undefined ? { username: usernameAfter(before, address) } : {}),
    // Whoever is given a name by staff was not left with a made one.
    ...(name === undefined ? {} : { username_due: 0 as const }),
    ...(address !== undefined && address !== before.email ? { email_verified: 0 } : {}),
  };
  // Whoever lets it in by whatever way ends the reason and the end with which it was disabled.
  if (wanted.is_active === 1) await removeDisabling(transaction, id);
  return { before, after: await writeChanges(transaction, before, written, { now: clock.now() }) };
}

/** Ends every token the account has. Returns the account as it was and its new version; error: `not_found`. */
export async function endTokens(
  transaction: Db,
  clock: Clock,
  id: number,
): Promise<{ user: User; version: number }> {
  const user = await findUserById(transaction, id);
  if (user === null) throw new AppError("not_found");
  return { user, version: await writeTokensEnded(transaction, id, clock.now()) };
}

/**
 * Sets the password that an operator was told by its owner, or that an import brings (`trimmed` as the original did);
 * every token ends. Error: `not_found`.
 */
export async function setPassword(
  transaction: Db,
  clock: Clock,
  id: number,
  passwordHash: string,
  trimmed: Flag = 0,
): Promise<void> {
  await writePassword(transaction, { id, passwordHash, trimmed }, clock.now());
}

/** Two superusers who demote each other at once: the rows are locked, so the second sees that it is the last. */
export async function refuseLastSuperuser(transaction: Db, id: number): Promise<void> {
  const query = transaction.kysely
    .selectFrom("users")
    .select("id")
    .where("is_superuser", "=", 1)
    .where("is_active", "=", 1)
    // One who is to be erased is none that stays.
    .where("deletion_due_at", "is", null)
    .orderBy("id");
  const rows = await (transaction.engine === "postgres" ? query.forUpdate() : query).execute();
  if (!rows.some((row) => row.id !== id)) throw new AppError("last_superuser");
}
