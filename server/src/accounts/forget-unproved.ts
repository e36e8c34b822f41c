import type { Db } from "../engines/database/database.ts";
import type { Language } from "../words/language.ts";

/**
 * Takes from an account, in the caller's transaction, what a stolen token could have added to come in by, and tells the owner:
 * whatever an owner does about a thief calls it. What that is: identities/bindings/bindings.ts, which is above.
 */
export type ForgetUnproved = (
  transaction: Db,
  userId: number,
  facts: {
    readonly language: Language;
    /** Epoch milliseconds: what was added from then on goes, too, whatever proved it. */
    readonly since?: number;
  },
) => Promise<void>;
