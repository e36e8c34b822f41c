import type { User } from "../accounts/record.ts";
import type { Asker } from "../devices/asker.ts";
import { type KeyValue, key } from "../engines/kv/kv.ts";
import { AppError } from "../errors/errors.ts";
import type { GivenFactor } from "../factors/given-factor.ts";
import type { Clock } from "../kernel/clock.ts";
import { secretDigest } from "../kernel/digest.ts";
import { heldFor, holdFor } from "../kernel/held-content.ts";
import { randomToken } from "../kernel/ids.ts";
import { limits } from "../kernel/limits.ts";
import type { HeldBinding, Proved, Way } from "./proved.ts";

/**
 * Somebody between the first factor and the second. Promises: the step lives ten minutes, works for the browser and system that
 * began it, opens one session at most, takes five codes, and ends with a change of the account's credentials; the store holds
 * nothing that could be shown as it, and can't read it. It authorises nothing but the second factor (OWASP ASVS 5.0 6.6.2).
 */
const stepSeconds = 600;
const { most: mostTries } = limits["second-step"];

/**
 * What is wanted of who waits: the account's second factor; that they set one up, which it must have; or that they say whether
 * the account is kept, whose deletion waits.
 */
export type StepPurpose = "prove" | "enrol" | "keep";

/** What the first factor proved. */
export interface PendingStep {
  readonly purpose: StepPurpose;
  readonly userId: number;
  readonly credentialsVersion: number;
  readonly how: Way;
  readonly provider: string | null;
  /** What was given before it waited; null for none. */
  readonly factor: GivenFactor | null;
  /** Null where nobody is to be bound. */
  readonly binding: HeldBinding | null;
  /** Epoch milliseconds. */
  readonly begunAt: number;
}

interface Stored extends PendingStep {
  readonly program: string;
}

export type PendingSteps = ReturnType<typeof createPendingSteps>;

export function createPendingSteps({ kv, clock }: { readonly kv: KeyValue; readonly clock: Clock }) {
  const stepKey = (step: string) => key("once", digest(step), "second-factor");
  const triesKey = (step: string) => key("attempts", digest(step), "second-factor");

  async function look(step: string, asker: Asker, purpose: StepPurpose = "prove"): Promise<PendingStep> {
    const found = await kv.get(stepKey(step));
    const stored = found === null ? null : heldFor<Stored>(step, found);
    // One that asks for a second factor is not got around by setting up another (guard: forced-enrolment.test.ts).
    if (stored === null || stored.program !== asker.programKey || stored.purpose !== purpose) {
      throw new AppError("second_factor_step_ended");
    }
    return stored;
  }

  return {
    stepSeconds,

    /** What it is, with no try counted. Error: `second_factor_step_ended` for one that is over, or another browser's. */
    look,

    /** The step's name, 192 random bits that only the answer of the first factor has. */
    async begin(
      account: Pick<User, "id" | "credentials_version">,
      { how, provider, binding, factor }: Pick<Proved, "how" | "provider" | "binding" | "factor">,
      asker: Asker,
      purpose: StepPurpose = "prove",
    ): Promise<string> {
      const step = randomToken(24);
      const stored: Stored = {
        ...{ userId: account.id, credentialsVersion: account.credentials_version },
        ...{ how, provider: provider ?? null, binding: binding ?? null, factor: factor ?? null },
        ...{ begunAt: clock.now(), program: asker.programKey, purpose },
      };
      await kv.set(stepKey(step), holdFor(step, stored), stepSeconds);
      return step;
    },

    /**
     * Counts a try at it; `isLast`: there is none after it. Error: `second_factor_step_ended` for one that is over, another
     * browser's, or guessed at five times.
     */
    async open(
      step: string,
      asker: Asker,
      purpose: StepPurpose = "prove",
    ): Promise<PendingStep & { readonly isLast: boolean }> {
      const stored = await look(step, asker, purpose);
      const tries = await kv.increment(triesKey(step), { limit: mostTries, ttlSeconds: stepSeconds });
      if (tries.refused) throw new AppError("second_factor_step_ended");
      return { ...stored, isLast: tries.count === mostTries };
    },

    /** Uses it up: of several callers with one step exactly one goes on. Error: `second_factor_step_ended`. */
    async end(step: string): Promise<void> {
      if ((await kv.take(stepKey(step))) === null) throw new AppError("second_factor_step_ended");
    },
  };
}

function digest(step: string): string {
  return secretDigest(step).slice(0, 22);
}
