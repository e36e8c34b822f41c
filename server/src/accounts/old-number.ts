import type { Proof, Verifications } from "../codes/verification.ts";
import type { Asker } from "../devices/asker.ts";
import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import { type Clock, dayMillis } from "../kernel/clock.ts";
import { isMobileProved } from "./mobile.ts";
import type { User } from "./record.ts";

/**
 * What changing or removing a proved number takes beside the owner's proof: a code to that very number, or a second factor that was
 * there for a week, so that nobody adds one for it. Who has neither leaves the number after a delay (number-leaves.ts). Attack: a
 * stolen session and the password, or a stolen mailbox, that put a number of the thief's in the place of the owner's at once
 * (guard: old-number.test.ts).
 */
export interface OldNumberDeps {
  readonly clock: Clock;
  /** Codes by SMS; null where the site sends none: then no number is proved by one, and none opens anything. */
  readonly smsCodes: Verifications | null;
}

/** The code to the present number, to be used up with the change. */
export interface OldNumber {
  use(transaction: Db): Promise<void>;
  forget(): Promise<void>;
}

const nothing: OldNumber = { use: async () => {}, forget: async () => {} };
const settledMillis = 7 * dayMillis;

export function createExpectOldNumber({ clock, smsCodes }: OldNumberDeps) {
  const hasSettledFactor = ({ second_factor_at: since }: User) =>
    since !== null && clock.now() - since >= settledMillis;

  /**
   * `wanted`: the number from now on; null for none. Errors: `old_number_required`, `sms_code_wrong`, `sms_code_expired`, `throttled`.
   */
  return async (
    user: User,
    wanted: string | null,
    { code, asker }: { readonly code: string | undefined; readonly asker: Asker },
  ): Promise<OldNumber> => {
    const { mobile } = user;
    if (smsCodes === null || mobile === null || mobile === wanted || !isMobileProved(user)) return nothing;
    if (code === undefined || code === "") {
      if (hasSettledFactor(user)) return nothing;
      throw new AppError("old_number_required", { answer: { code: "old_number_required" } });
    }
    const proof: Proof = await smsCodes.check("changeMobile", mobile, code, asker);
    return {
      use: (transaction) => smsCodes.consume(transaction, proof),
      forget: () => smsCodes.forget(proof),
    };
  };
}
