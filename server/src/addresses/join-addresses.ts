import type { Db } from "../engines/database/database.ts";
import { giveAddresses, listAddresses } from "./address-store.ts";
import { addressLimit } from "./addresses.ts";

/**
 * The addresses of an account that goes into another. Promises: the kept account's stay, its default too; of the other's move those
 * that were changed last, as many as there is room for.
 */
export interface AddressPlan {
  readonly moved: readonly number[];
  readonly lost: number;
  readonly keepsDefault: boolean;
}

export async function planAddresses(
  from: Db,
  { kept, joined }: { readonly kept: number; readonly joined: number },
): Promise<AddressPlan> {
  const own = await listAddresses(from, kept, addressLimit);
  const others = await listAddresses(from, joined, addressLimit);
  const moved = others.slice(0, addressLimit - own.length).map(({ id }) => id);
  return {
    ...{ moved, lost: others.length - moved.length },
    keepsDefault: own.every(({ is_default }) => is_default === 0),
  };
}

/** In the caller's transaction, which has locked both accounts. */
export async function moveAddresses(
  transaction: Db,
  kept: number,
  { moved, keepsDefault }: AddressPlan,
): Promise<void> {
  if (moved.length > 0) await giveAddresses(transaction, moved, { to: kept, keepsDefault });
}
