import type { Users } from "../../accounts/users.ts";
import type { Db } from "../../engines/database/database.ts";
import { type Binding, findBindingsOf, giveBindings } from "./binding-store.ts";

/**
 * The third parties of an account that goes into another. Promises: all of them move, also several at one provider, as an account may
 * have; one that a log-in alone added stays marked so, and goes with the next new password (attack: a thief's binding that becomes
 * a proved one on the way; guard: joining.test.ts); each is marked with when it came, so that "this wasn't me" takes it away.
 */
export type MovingBinding = Binding;

/** Aliases included. */
export const bindingsToMove = (from: Db, joined: number): Promise<MovingBinding[]> =>
  findBindingsOf(from, joined);

/** In the caller's transaction, which has locked both accounts. `now` in epoch milliseconds. */
export async function moveBindings(
  users: Pick<Users, "setProviderFace">,
  transaction: Db,
  { kept, joined, now }: { readonly kept: number; readonly joined: number; readonly now: number },
): Promise<void> {
  await giveBindings(transaction, { from: joined, to: kept, now });
  await renewProviderFace(users, transaction, kept);
}

/** What the account's third parties say of its owner, after their bindings changed. */
export async function renewProviderFace(
  users: Pick<Users, "setProviderFace">,
  transaction: Db,
  userId: number,
): Promise<void> {
  const bound = await findBindingsOf(transaction, userId);
  await users.setProviderFace(
    transaction,
    userId,
    bound.filter(({ is_alias }) => is_alias === 0),
  );
}
