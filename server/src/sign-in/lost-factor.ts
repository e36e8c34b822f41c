import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import type { Asker } from "../devices/asker.ts";
import { browserName } from "../devices/browser-name.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import { AppError } from "../errors/errors.ts";
import type { LostFactors } from "../factors/lost-factors.ts";
import type { SecondFactorPolicy } from "../factors/second-factor-policy.ts";
import type { Bindings } from "../identities/bindings/bindings.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { heldAccount } from "./held-log-in.ts";
import type { PendingStep, PendingSteps } from "./pending-step.ts";

/**
 * "I lost my second factor", at the step that waits for it, which proves the first one. Promises: nobody asks by a first factor
 * that somebody else could have made meanwhile (a password that was reset, a binding that was added, within seven days:
 * guard: lost-factor.test.ts); nobody where the account could not be told, or must have a second factor; it is removed only
 * behind the first factor again, after the delay, by the same rules.
 */
export interface LostFactorDeps {
  readonly users: Users;
  readonly pendingSteps: Pick<PendingSteps, "look">;
  readonly lostFactors: LostFactors;
  readonly bindings: Pick<Bindings, "list">;
  readonly sessions: Pick<Sessions, "lastSeenAt">;
  readonly devices: KnownDevices;
  readonly clock: Clock;
  /** Whether the site offers it at all. */
  readonly lostFactorRemoval: boolean;
  readonly lostFactorDelaySeconds: number;
  readonly secondFactorPolicy: Pick<SecondFactorPolicy, "isStrict">;
}

export const refusalReasons = [
  "off",
  "demanded",
  "no_address",
  "password_reset",
  "new_binding",
  "by_code",
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** How it stands with the account at a step. Times in epoch milliseconds. */
export interface LostFactorState {
  readonly state: "none" | "asked" | "ripe";
  readonly ripeAt: number | null;
  readonly lapsesAt: number | null;
  /** From asking to the removal. */
  readonly delaySeconds: number;
  /** Why it can't be asked for or finished. */
  readonly refusal: RefusalReason | null;
}

export type LostFactorUse = ReturnType<typeof createLostFactor>;

const freshMillis = 7 * 86_400_000;

export function createLostFactor(deps: LostFactorDeps) {
  const { users, pendingSteps, lostFactors, devices, clock } = deps;

  /** The account that waits at the step. Error: `second_factor_step_ended`. */
  async function held(step: string, asker: Asker): Promise<{ account: User; at: PendingStep }> {
    const at = await pendingSteps.look(step, asker);
    const account = await heldAccount(users, at);
    if (account.second_factor_at === null) throw new AppError("second_factor_step_ended");
    await giveWayToSessions(account);
    return { account, at };
  }

  /** Somebody whose session was used since it was asked for has nothing to get back. Sessions tell nobody when they are used. */
  async function giveWayToSessions(account: User): Promise<void> {
    const open = await lostFactors.openOf(account);
    const usedAt = open === null ? null : await deps.sessions.lastSeenAt(account);
    if (open !== null && usedAt !== null && usedAt > open.asked_at)
      await lostFactors.cancel(account, "session");
  }

  async function refusalOf(account: User, { how, provider }: PendingStep): Promise<RefusalReason | null> {
    if (!deps.lostFactorRemoval) return "off";
    if (await deps.secondFactorPolicy.isStrict(account)) return "demanded";
    if (account.email === null || account.email_verified === 0) return "no_address";
    // Whoever reads the mailbox would read the warnings, too.
    if (how === "code") return "by_code";
    const since = clock.now() - freshMillis;
    if (how === "provider") {
      // Which of them came can't be told any more, so none may be new.
      const bound = (await deps.bindings.list(account.id)).filter((one) => one.provider === provider);
      return bound.some(({ created_at }) => created_at > since) ? "new_binding" : null;
    }
    return account.password_reset_at !== null && account.password_reset_at > since ? "password_reset" : null;
  }

  async function allowed(step: string, asker: Asker): Promise<User> {
    const { account, at } = await held(step, asker);
    const reason = await refusalOf(account, at);
    if (reason !== null) throw new AppError("lost_factor_refused", { answer: { reason } });
    return account;
  }

  async function stateOf(step: string, asker: Asker): Promise<LostFactorState> {
    const { account, at } = await held(step, asker);
    const open = await lostFactors.openOf(account);
    const facts = { refusal: await refusalOf(account, at), delaySeconds: deps.lostFactorDelaySeconds };
    if (open === null) return { state: "none", ripeAt: null, lapsesAt: null, ...facts };
    const state = clock.now() < open.ripe_at ? "asked" : "ripe";
    return { state, ripeAt: open.ripe_at, lapsesAt: open.lapses_at, ...facts };
  }

  return {
    /** Error: `second_factor_step_ended`. */
    stateOf,

    /** Asks, and says how it stands then. Errors: `second_factor_step_ended`, `lost_factor_refused`, `throttled`. */
    async ask(step: string, asker: Asker): Promise<LostFactorState> {
      const account = await allowed(step, asker);
      const isKnown = await devices.isKnown(account, asker);
      const device = await browserName(asker.userAgent);
      await lostFactors.ask(account, { device, network: asker.network, isKnown });
      return stateOf(step, asker);
    },

    /**
     * Removes the second factor of a request whose delay is over; the owner then logs in by the first one. Errors:
     * `second_factor_step_ended`, `lost_factor_refused`, `lost_factor_not_ripe`.
     */
    async finish(step: string, asker: Asker): Promise<void> {
      await lostFactors.finish(await allowed(step, asker));
    },
  };
}
