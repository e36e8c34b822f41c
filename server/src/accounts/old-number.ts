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
  /** `locked`: the account as it is then. Error: `old_number_required` where another number took the place of the one that was asked. */
  use(transaction: Db, locked: Pick<User, "mobile" | "proved_mobile">): Promise<void>;
  forget(): Promise<void>;
}

const required = () => new AppError("old_number_required", { answer: { code: "old_number_required" } });
const settledMillis = 7 * dayMillis;

export function createExpectOldNumber({ clock, smsCodes }: OldNumberDeps) {
  const hasSettledFactor = ({ second_factor_at: since }: User) =>
    since !== null && clock.now() - since >= settledMillis;

  const isAsked = (user: User, wanted: string | null) =>
    smsCodes !== null && user.mobile !== null && user.mobile !== wanted && isMobileProved(user);
  const isGiven = (code: string | undefined): code is string => code !== undefined && code !== "";

  /**
   * Before the owner's proof, which would be used up for nothing. `wanted`: the number from now on; null for none. Error:
   * `old_number_required`.
   */
  function expectGiven(user: User, wanted: string | null, code: string | undefined): void {
    if (isAsked(user, wanted) && !isGiven(code) && !hasSettledFactor(user)) throw required();
  }

  return {
    expectGiven,

    /** Behind it. Errors: `old_number_required`, `sms_code_wrong`, `sms_code_expired`, `throttled`. */
    async take(
      user: User,
      wanted: string | null,
      { code, asker }: { readonly code: string | undefined; readonly asker: Asker },
    ): Promise<OldNumber> {
      expectGiven(user, wanted, code);
      const proof: Proof | null =
        isAsked(user, wanted) && isGiven(code)
          ? await smsCodes!.check("changeMobile", user.mobile!, code, asker)
          : null;
      return {
        async use(transaction, locked) {
          const isSame = locked.mobile === user.mobile && locked.proved_mobile === user.proved_mobile;
          if (!isSame && locked.proved_mobile !== null && locked.mobile !== wanted) throw required();
          if (proof !== null) await smsCodes!.consume(transaction, proof);
        },
        async forget() {
          if (proof !== null) await smsCodes!.forget(proof);
        },
      };
    },
  };
}
