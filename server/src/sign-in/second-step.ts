import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import type { Asker } from "../devices/asker.ts";
import type { RequestOptions } from "../factors/passkey-ceremony.ts";
import type { Passkeys } from "../factors/passkeys.ts";
import type { Wish } from "../sessions/cookie-authenticator.ts";
import type { Language } from "../words/language.ts";
import type { Door, Session } from "./complete.ts";
import { type FactorProof, type ProveFactor, refusalOf } from "./factor-proof.ts";
import { heldAccount, heldProof } from "./held-log-in.ts";
import type { PendingSteps } from "./pending-step.ts";
import type { Refusals } from "./refusals.ts";
import type { SecondFactorGate } from "./second-factor-gate.ts";
import type { StoppedNotice } from "./stopped-notice.ts";

/** The second half of a log-in whose account has a second factor: the door (complete.ts) has held it up, and goes on here. */
export interface SecondStepDeps {
  readonly users: Users;
  readonly passkeys: Pick<Passkeys, "beginProof">;
  readonly proveFactor: ProveFactor;
  readonly pendingSteps: PendingSteps;
  readonly refusals: Refusals;
  readonly stoppedNotice: StoppedNotice;
  readonly gate: Pick<SecondFactorGate, "remember">;
  readonly door: Door;
}

/** What finishes a log-in that waits. */
export interface SecondHalf extends FactorProof {
  readonly step: string;
  /** Whether this device is to be asked for no second factor for some weeks. */
  readonly remember?: boolean | undefined;
}

export type SecondStep = ReturnType<typeof createSecondStep>;

export function createSecondStep(deps: SecondStepDeps) {
  const { users, passkeys, proveFactor, pendingSteps, refusals, stoppedNotice, gate, door } = deps;

  return {
    /** What a passkey's device is asked for. Errors: `second_factor_step_ended`, `passkeys_unavailable`. */
    async passkeyOptions(step: string, asker: Asker): Promise<RequestOptions> {
      const account = await heldAccount(users, await pendingSteps.look(step, asker));
      return passkeys.beginProof(account, asker, "second-step");
    },

    /** Errors: `second_factor_step_ended`, and those of ProveFactor. */
    async finish(
      { step, remember, ...proof }: SecondHalf,
      asker: Asker,
      language: Language,
      wish: Wish,
    ): Promise<{ readonly account: User; readonly session: Session }> {
      const opened = await pendingSteps.open(step, asker);
      const account = await heldAccount(users, opened);
      const factor = await proveFactor(account, proof, asker, language, "second-step").catch(
        async (error: unknown) => {
          const reason = refusalOf(error);
          refusals.note(account.id, reason, asker.network);
          if (reason === "throttled" || opened.isLast) await stoppedNotice.tell(account, opened, asker);
          throw error;
        },
      );
      await pendingSteps.end(step);
      const session = await door.goOn(heldProof(account, opened), factor, asker, wish);
      const trust = remember ? await gate.remember(account, asker) : null;
      if (trust === null) return { account, session };
      return { account, session: { ...session, cookies: [...session.cookies, trust] } };
    },
  };
}
