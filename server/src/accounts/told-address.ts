import type { Db } from "../engines/database/database.ts";
import type { User } from "./record.ts";
import { findUserByEmail } from "./user-store.ts";

/**
 * Where an account's owner is told what happens to it; null for nowhere. Attack: an address that somebody wrote down, whose reader
 * then hears of a stranger's account, and has a link that undoes what its owner does (guards: deletion-told.test.ts,
 * classic-account.test.ts). `hasPendingEmails`: an address may stand in an account that has not confirmed it, and is none to log in by
 * (linked-email.ts).
 */
export async function toldAddress(db: Db, user: User, hasPendingEmails: boolean): Promise<string | null> {
  if (user.email === null) return null;
  const holder = await findUserByEmail(db, user.email);
  // Several imported accounts had this address, and another one has proved it since: it is not this owner's.
  if (holder !== null) return holder.id === user.id ? user.email : null;
  return hasPendingEmails && user.email_verified === 0 ? null : user.email;
}
