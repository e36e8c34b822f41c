import { AppError } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import { limits } from "../kernel/limits.ts";

/**
 * Bounds what refused refresh tokens cost: some clients show one that is dead a hundred times a second, for ever.
 * Promises (attack: such a loop, or a flood of made-up tokens; guard: refused-refresh.test.ts):
 *
 * - a session that was refused `perSession` times within a minute is answered `throttled` without a look at the
 *   database; so nothing is written for a refusal, and at most one row read;
 * - a network with `perNetwork` refusals a minute has `throttled` for what was not issued here, and each of its dead
 *   sessions from the second refusal on;
 * - a session that lives is never refused for what others do, in its network or anywhere: nothing is counted for it.
 *
 * Counted in memory and by each process for itself. A count that all shared would be a write for each refusal, which is
 * the very cost; and nothing can be guessed here, because the tokens are under a MAC.
 */
export const refusalLimits = {
  perSession: limits["refused-refresh"].most,
  perNetwork: limits["refused-refresh-network"].most,
  windowSeconds: limits["refused-refresh"].windowSeconds,
  remembered: 10_000,
} as const;

interface Window {
  readonly endsAt: number;
  count: number;
}

export function createRefusals(clock: Clock) {
  const sessions = new Map<string, Window>();
  const networks = new Map<string, Window>();

  function counted(windows: Map<string, Window>, key: string): Window | null {
    const window = windows.get(key);
    if (window === undefined || window.endsAt > clock.now()) return window ?? null;
    windows.delete(key);
    return null;
  }

  function count(windows: Map<string, Window>, key: string): void {
    const known = counted(windows, key);
    if (known !== null) {
      known.count++;
      return;
    }
    // The oldest goes: a flood of new ones makes it forgive, and costs no more memory.
    if (windows.size >= refusalLimits.remembered) windows.delete(windows.keys().next().value!);
    windows.set(key, { count: 1, endsAt: clock.now() + refusalLimits.windowSeconds * 1000 });
  }

  function throttled({ endsAt }: Window): AppError {
    const seconds = Math.max(1, Math.ceil((endsAt - clock.now()) / 1000));
    return new AppError("throttled", { retryAfterSeconds: seconds });
  }

  return {
    /** Before anything is read. `sessionId` is null for a token that was not issued here. Error: `throttled`. */
    admit(network: string, sessionId: string | null): void {
      const ofSession = sessionId === null ? null : counted(sessions, sessionId);
      if (ofSession !== null && ofSession.count >= refusalLimits.perSession) throw throttled(ofSession);
      const ofNetwork = counted(networks, network);
      const isKnownDead = sessionId === null || ofSession !== null;
      if (ofNetwork !== null && ofNetwork.count >= refusalLimits.perNetwork && isKnownDead) {
        throw throttled(ofNetwork);
      }
    },

    /** After a refusal, which for a session is for good. */
    note(network: string, sessionId: string | null): void {
      count(networks, network);
      if (sessionId !== null) count(sessions, sessionId);
    },
  };
}
