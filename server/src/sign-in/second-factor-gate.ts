import type { User } from "../accounts/record.ts";
import type { Asker } from "../devices/asker.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import type { RememberedDevices } from "../devices/remembered-devices.ts";
import { AppError } from "../errors/errors.ts";
import type { GivenFactor } from "../factors/given-factor.ts";
import type { LostFactors } from "../factors/lost-factors.ts";
import type { SecondFactorPolicy } from "../factors/second-factor-policy.ts";
import type { SecondFactors } from "../factors/second-factors.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { PendingSteps, StepPurpose } from "./pending-step.ts";
import type { Proved } from "./proved.ts";
import type { Refusals } from "./refusals.ts";

/**
 * What stands between a first factor and the session, for every way in: the door (complete.ts) asks here and nobody else does.
 * Promises: where the account has a second factor, a log-in goes no further than the answer `second_factor_required`, by
 * whichever way it came, unless that way brought one with it, or on a device that is remembered for it; where it must have one
 * by now and has none, no further than `second_factor_enrolment_required`; what the first factor proved counts all the same: a
 * password that was right was no wrong guess.
 */
export interface SecondFactorGateDeps {
  readonly factors: Pick<SecondFactors, "methodsOf" | "firstMethods">;
  readonly pendingSteps: PendingSteps;
  readonly lostFactors: Pick<LostFactors, "cancelFromKnown">;
  readonly devices: Pick<KnownDevices, "isKnown">;
  readonly rememberedDevices: RememberedDevices;
  readonly secondFactorPolicy: SecondFactorPolicy;
  readonly refusals: Refusals;
  readonly clock: Clock;
  readonly log: Log;
  /** Where people set one up: named where the front end at hand does not lead there. */
  readonly publicSiteUrl: string;
}

/** How a log-in came past. */
export interface Passage {
  /** What was given, or stands in for it; null where none is asked for. */
  readonly factor: GivenFactor | null;
  /** From when it will take one to be set up, epoch milliseconds; null where nothing is demanded. */
  readonly dueAt: number | null;
}

export type SecondFactorGate = ReturnType<typeof createSecondFactorGate>;

export function createSecondFactorGate(deps: SecondFactorGateDeps) {
  const { pendingSteps, lostFactors, devices, rememberedDevices, secondFactorPolicy } = deps;
  const { factors, refusals, clock, log } = deps;

  async function mayRemember(account: User): Promise<boolean> {
    return rememberedDevices.days > 0 && !(await secondFactorPolicy.isStrict(account));
  }

  async function isRemembered(account: User, asker: Asker): Promise<boolean> {
    return asker.trustHash !== null && (await mayRemember(account)) && rememberedDevices.use(account, asker);
  }

  /** What every answer that holds a log-in up has. */
  async function waiting(proved: Proved, asker: Asker, purpose: StepPurpose) {
    await proved.settle?.();
    const step = await pendingSteps.begin(proved.account, proved, asker, purpose);
    return { step, expires_in: pendingSteps.stepSeconds };
  }

  async function askFor(proved: Proved, asker: Asker): Promise<never> {
    const { account, how } = proved;
    await lostFactors.cancelFromKnown(account, () => devices.isKnown(account, asker));
    const { step, expires_in } = await waiting(proved, asker, "prove");
    log.info({ userId: account.id, client: asker.network, how }, "second factor asked for");
    throw new AppError("second_factor_required", {
      answer: {
        ...{ code: "second_factor_required", step, methods: await factors.methodsOf(account.id), expires_in },
        ...((await mayRemember(account)) && { remember_days: rememberedDevices.days }),
      },
    });
  }

  async function demand(proved: Proved, asker: Asker): Promise<never> {
    const { account, how } = proved;
    const { step, expires_in } = await waiting(proved, asker, "enrol");
    log.info({ userId: account.id, client: asker.network, how }, "second factor to be set up");
    throw new AppError("second_factor_enrolment_required", {
      parameters: { site: deps.publicSiteUrl },
      answer: { code: "second_factor_enrolment_required", step, methods: factors.firstMethods, expires_in },
    });
  }

  return {
    /**
     * A log-in, which can be gone on with later. Errors: `second_factor_required`, `second_factor_enrolment_required`, whose
     * answers have the pending step.
     */
    async letPass(proved: Proved, asker: Asker): Promise<Passage> {
      const { account, factor } = proved;
      if (factor !== undefined) return { factor, dueAt: null };
      if (account.second_factor_at !== null) {
        if (await isRemembered(account, asker)) return { factor: "remembered_device", dueAt: null };
        return askFor(proved, asker);
      }
      const dueAt = await secondFactorPolicy.dueAt(account);
      if (dueAt === null || dueAt > clock.now()) return { factor: null, dueAt };
      // A passkey that was only there to log in by is what policy demands.
      const hasOne = (await factors.methodsOf(account.id)).includes("passkey");
      return hasOne ? askFor(proved, asker) : demand(proved, asker);
    },

    /** A request by itself, which has no second half. Error: `second_factor_refused`. */
    async letPassOnce(proved: Proved, asker: Asker): Promise<void> {
      const { account } = proved;
      if (account.second_factor_at === null && !(await secondFactorPolicy.isDue(account))) return;
      await proved.settle?.();
      refusals.note(account.id, "second_factor", asker.network);
      throw new AppError("second_factor_refused", { answer: { code: "second_factor_required" } });
    },

    /**
     * Remembers the device for who gave the second factor on it and wished so. Returns the Set-Cookie value; null where that
     * is offered to nobody like them: the wish is then none.
     */
    remember: async (account: User, asker: Asker): Promise<string | null> =>
      (await mayRemember(account)) ? rememberedDevices.remember(account, asker) : null,
  };
}
