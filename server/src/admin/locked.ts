import type { Users } from "../accounts/users.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Refusals } from "../sign-in/refusals.ts";
import { type KeptOutDeps, keptOut } from "./kept-out.ts";

/**
 * Accounts that too many tries keep somebody out of now, the latest refused first: those that were refused for it in the last day and whose
 * counters are full still. Promises: of accounts alone, since a name that none has is noted nowhere; nothing is counted by looking.
 */
export interface LockedDeps extends KeptOutDeps {
  readonly clock: Clock;
  readonly users: Pick<Users, "byId">;
  readonly refusals: Pick<Refusals, "throttledSince">;
}

export interface LockedAccount {
  readonly userId: number;
  readonly username: string;
  /** Devices that are kept out. */
  readonly who: Awaited<ReturnType<typeof keptOut>>;
  /** Without their last part, each once. */
  readonly networks: readonly string[];
  /** Of the last refusal, epoch milliseconds. */
  readonly at: number;
  /** Refusals for too many tries in all. */
  readonly times: number;
}

/** No counter of log-ins goes on for longer. */
const dayMillis = 86_400_000;
/** Refusals that are looked at: of one account from one network is one. */
const most = 200;

export async function lockedAccounts(deps: LockedDeps): Promise<LockedAccount[]> {
  const rows = await deps.refusals.throttledSince(deps.clock.now() - dayMillis, most);
  const byUser = new Map<number, typeof rows>();
  for (const row of rows) byUser.set(row.user_id, [...(byUser.get(row.user_id) ?? []), row]);
  const found = await Promise.all(
    [...byUser].map(async ([userId, own]) => {
      const user = await deps.users.byId(userId);
      const who = user === null ? [] : await keptOut(deps, user);
      if (user === null || who.length === 0) return null;
      return {
        ...{ userId, username: user.username, who, at: own[0]!.refused_at },
        networks: own.map(({ network }) => network),
        times: own.reduce((sum, { times }) => sum + times, 0),
      };
    }),
  );
  return found.filter((one) => one !== null);
}
