import type { Db } from "../engines/database/database.ts";
import type { User } from "./record.ts";
import type { Users } from "./users.ts";

/**
 * Several accounts as they are, locked in the order of their ids, whoever comes: two that each hold one and wait for the other's would
 * never go on. Null of one that is gone.
 */
export async function lockInOrder(
  users: Pick<Users, "lock">,
  transaction: Db,
  ids: readonly number[],
): Promise<ReadonlyMap<number, User | null>> {
  const locked = new Map<number, User | null>();
  for (const id of ids.toSorted((one, other) => one - other)) {
    locked.set(id, await users.lock(transaction, id));
  }
  return locked;
}
