import { writeFace } from "../accounts/change.ts";
import type { User } from "../accounts/record.ts";
import type { Db } from "../engines/database/database.ts";
import { moveAvatar, writeShownDue } from "./avatar-store.ts";

/**
 * What becomes of pictures when their accounts end or become one, within the transaction that has locked them. What is due goes from
 * the store by `sweep` (avatars.ts).
 */

/** Whether it is the name of a picture of the account's own. */
export const isOwnAvatar = (avatar: string | null | undefined): avatar is string =>
  avatar !== null && avatar !== undefined && avatar !== "";

/** Of an account that is erased everything goes: what it shows now, and an upload that is under way when its hour is over. */
export const releaseAvatars = (transaction: Db, userId: number, now: number): Promise<void> =>
  writeShownDue(transaction, userId, now);

/** Whether the account that stays takes the other's picture over: it has none of its own, and did not say that it wants none. */
export const takesAvatar = (kept: Pick<User, "avatar">, joined: Pick<User, "avatar">): boolean =>
  kept.avatar === null && isOwnAvatar(joined.avatar);

/** Of two accounts that become one. Returns what the one that stays shows then. The other is to be released, or gone. */
export async function joinAvatars(
  transaction: Db,
  { kept, joined }: { readonly kept: User; readonly joined: User },
): Promise<string | null> {
  if (!takesAvatar(kept, joined) || joined.avatar === null) return kept.avatar;
  await moveAvatar(transaction, joined.avatar, kept.id);
  await writeFace(transaction, kept.id, { avatar: joined.avatar });
  return joined.avatar;
}
