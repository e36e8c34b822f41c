import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import type { Asker } from "../devices/asker.ts";
import { AppError } from "../errors/errors.ts";
import type { SecondFactors } from "../factors/second-factors.ts";
import type { Wish } from "../sessions/cookie-authenticator.ts";
import type { Language } from "../words/language.ts";
import type { Door, Session } from "./complete.ts";
import { heldAccount, heldProof } from "./held-log-in.ts";
import type { PendingSteps } from "./pending-step.ts";

/**
 * The second half of a log-in whose account must have a second factor and has none: it sets one up, and is in. Promises: the
 * step authorises nothing else, and none that asks for a second factor is got around by it, nor one that was set up since it
 * began (attack: whoever has the password begins while there is none, and finishes beside the owner's own; guard:
 * overtaken-factor.test.ts); of many that finish at once one does. Attack: whoever has the password of an account without a second factor can set up their own here, as they could log in
 * before; the owner is mailed, and its link takes it away again.
 */
export interface ForcedEnrolmentDeps {
  readonly users: Users;
  readonly factors: Pick<SecondFactors, "begin" | "confirm">;
  readonly pendingSteps: PendingSteps;
  readonly door: Door;
}

export type ForcedEnrolment = ReturnType<typeof createForcedEnrolment>;

export function createForcedEnrolment({ users, factors, pendingSteps, door }: ForcedEnrolmentDeps) {
  return {
    /** A secret for the app, which counts for nothing until `finish`. Errors: `second_factor_step_ended`, `second_factor_there`. */
    async begin(
      step: string,
      asker: Asker,
      language: Language,
    ): Promise<{ readonly secret: string; readonly uri: string }> {
      const waiting = await pendingSteps.look(step, asker, "enrol");
      const account = await heldAccount(users, waiting);
      // Set up meanwhile: by the owner, as far as anybody knows.
      if (account.second_factor_at !== null) throw new AppError("second_factor_there");
      return factors.begin(account, language);
    },

    /**
     * Switches it on with a first code of the app, and opens the session that was held up. Returns the recovery codes, which
     * are shown this once. Errors: `second_factor_step_ended`, `second_factor_there`, `invalid_fields`, `throttled`.
     */
    async finish(
      { step, code }: { readonly step: string; readonly code: string },
      asker: Asker,
      language: Language,
      wish: Wish,
    ): Promise<{ account: User; session: Session; recoveryCodes: readonly string[] }> {
      const waiting = await pendingSteps.open(step, asker, "enrol");
      const held = await heldAccount(users, waiting);
      const recoveryCodes = await factors.confirm(held, code, language, { isFirst: true });
      await pendingSteps.end(step);
      const account = await heldAccount(users, waiting);
      const session = await door.goOn(heldProof(account, waiting), "totp", asker, wish);
      return { account, session, recoveryCodes };
    },
  };
}
