import { type KeyValue, key } from "../engines/kv/kv.ts";
import type { GivenFactor } from "../factors/given-factor.ts";
import type { SteppingUp } from "../http/step-up.ts";
import { secretDigest } from "../kernel/digest.ts";
import { randomToken } from "../kernel/ids.ts";
import type { StepUpAction } from "../kernel/step-up-actions.ts";
import type { StepUpMethod } from "./step-up-methods.ts";

/**
 * Proofs for one call of one kind. Promises: each works once, for the action it was made for, in the session it was made in
 * and under the credentials of then, for ten minutes; the store holds nothing that could be shown as one. Attacks: a proof
 * for something harmless used for something else; one used twice, also at once. Guards: step-up.test.ts, step-up.race.test.ts.
 */
const proofLifeSeconds = 600;
const form = /^[A-Za-z0-9_-]{32}$/;

interface Stored {
  readonly userId: number;
  readonly sessionId: string;
  readonly credentialsVersion: number;
  readonly action: StepUpAction;
  readonly factor: GivenFactor | null;
  /** By what it was shown. */
  readonly method: StepUpMethod;
}

export type StepUpProofs = ReturnType<typeof createStepUpProofs>;

export function createStepUpProofs({ kv }: { readonly kv: KeyValue }) {
  const keyOf = (proof: string) => key("once", digest(proof), "step-up");

  return {
    proofLifeSeconds,

    /** 192 random bits that only its answer has. `factor`: the second factor that was given for it. */
    async issue(
      { id, credentials_version }: SteppingUp,
      made: Pick<Stored, "sessionId" | "action" | "factor" | "method">,
    ): Promise<string> {
      const proof = randomToken(24);
      const stored: Stored = { ...made, userId: id, credentialsVersion: credentials_version };
      await kv.set(keyOf(proof), JSON.stringify(stored), proofLifeSeconds);
      return proof;
    },

    /** Uses it up, whatever it turns out to be for. Null for one that is not this caller's for the action. */
    async take(
      proof: string,
      { user, action }: { readonly user: SteppingUp; readonly action: StepUpAction },
    ): Promise<Pick<Stored, "factor" | "method"> | null> {
      const found = form.test(proof) ? await kv.take(keyOf(proof)) : null;
      const stored = found === null ? null : (JSON.parse(found) as Stored);
      const isTheirs =
        stored?.userId === user.id &&
        stored.sessionId === user.session_id &&
        stored.credentialsVersion === user.credentials_version &&
        stored.action === action;
      return isTheirs ? stored : null;
    },
  };
}

function digest(proof: string): string {
  return secretDigest(proof).slice(0, 22);
}
