import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import type { Asker } from "../devices/asker.ts";
import { AppError } from "../errors/errors.ts";
import type { RegistrationOptions, Shown } from "../factors/passkey-ceremony.ts";
import type { Passkeys } from "../factors/passkeys.ts";
import type { SecondFactors } from "../factors/second-factors.ts";
import type { Wish } from "../sessions/cookie-authenticator.ts";
import type { Language } from "../words/language.ts";
import type { Door, Session } from "./complete.ts";
import { heldAccount, heldProof } from "./held-log-in.ts";
import type { PendingStep, PendingSteps } from "./pending-step.ts";

/**
 * The second half of a log-in whose account must have a second factor and has none: it sets one up, an app or a passkey, and is
 * in. Promises: the step authorises nothing else, and none that asks for a second factor is got around by it, nor one that was
 * set up since it began (attack: whoever has the password begins while there is none, and finishes beside the owner's own;
 * guards: overtaken-factor.test.ts, passkey-enrolment.test.ts); what a device was asked for is good at this step alone; of many
 * that finish at once one does. Attack: whoever has the password of an account without a second factor can set up their own here, as they could log in
 * before; the owner is mailed, and its link takes it away again.
 */
export interface ForcedEnrolmentDeps {
  readonly users: Users;
  readonly factors: Pick<SecondFactors, "begin" | "confirm">;
  readonly passkeys: Pick<Passkeys, "beginAdding" | "add">;
  readonly pendingSteps: PendingSteps;
  readonly door: Door;
}

export type ForcedEnrolment = ReturnType<typeof createForcedEnrolment>;

/** A log-in that has what it waited for, and the recovery codes, which are shown this once. */
export interface Enrolled {
  readonly account: User;
  readonly session: Session;
  readonly recoveryCodes: readonly string[];
}

export function createForcedEnrolment(deps: ForcedEnrolmentDeps) {
  const { users, factors, passkeys, pendingSteps, door } = deps;

  /** Uses the step up, and opens the session that it held. */
  async function enter(
    { step, waiting }: { readonly step: string; readonly waiting: PendingStep },
    factor: "totp" | "passkey",
    asker: Asker,
    wish: Wish,
  ): Promise<Omit<Enrolled, "recoveryCodes">> {
    await pendingSteps.end(step);
    const account = await heldAccount(users, waiting);
    const session = await door.goOn(heldProof(account, waiting), factor, asker, wish);
    return { account, session };
  }

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
    ): Promise<Enrolled> {
      const waiting = await pendingSteps.open(step, asker, "enrol");
      const owner = await heldAccount(users, waiting);
      const recoveryCodes = await factors.confirm(owner, code, language, { isFirst: true });
      return { ...(await enter({ step, waiting }, "totp", asker, wish)), recoveryCodes };
    },

    /** What a device is to make a passkey by. Errors: `second_factor_step_ended`, `passkeys_unavailable`, `passkeys_full`. */
    async beginPasskey(step: string, asker: Asker, language: Language): Promise<RegistrationOptions> {
      const waiting = await pendingSteps.look(step, asker, "enrol");
      return passkeys.beginAdding(await heldAccount(users, waiting), asker, language, step);
    },

    /**
     * The same as `finish` with the passkey that the device made. Errors: `second_factor_step_ended`, and those of
     * `passkeys.add`.
     */
    async finishPasskey(
      {
        step,
        passkey: shown,
        name = "",
      }: { readonly step: string; readonly passkey: Shown; readonly name?: string },
      asker: Asker,
      language: Language,
      wish: Wish,
    ): Promise<Enrolled> {
      const waiting = await pendingSteps.open(step, asker, "enrol");
      const owner = await heldAccount(users, waiting);
      const addition = { shown, name, asSecondFactor: true, step };
      const { recoveryCodes } = await passkeys.add(owner, addition, asker, language);
      return { ...(await enter({ step, waiting }, "passkey", asker, wish)), recoveryCodes };
    },
  };
}
