import type { Users } from "../accounts/users.ts";
import { type Clock, dayMillis } from "../kernel/clock.ts";
import { nextTurn } from "../kernel/next-turn.ts";
import type { Refusals } from "../sign-in/refusals.ts";
import { type KeptOutDeps, keptOut } from "./kept-out.ts";

/**
 * Accounts that too many tries keep somebody out of now, the latest refused first: those that were refused for it in the last day and whose
 * counters are full still. Promises: of accounts alone, since a name that none has is noted nowhere; nothing is counted by looking;
 * fifty at the most are looked at, a few in one turn. Attack: tries at many accounts, so that whoever looks at them holds everybody up,
 * because each has counters for every name and device (guard: no-standstill.test.ts).
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

/** Refusals that are read: of one account from one network is one. */
const mostRefusals = 200;
const mostAccounts = 50;
/** Accounts of one turn of the event loop. */
const atOnce = 2;

export async function lockedAccounts(deps: LockedDeps): Promise<LockedAccount[]> {
  // No counter of log-ins goes on for longer than a day.
  const rows = await deps.refusals.throttledSince(deps.clock.now() - dayMillis, mostRefusals);
  const byUser = new Map<number, typeof rows>();
  for (const row of rows) byUser.set(row.user_id, [...(byUser.get(row.user_id) ?? []), row]);
  const latest = [...byUser].slice(0, mostAccounts);
  const found: LockedAccount[] = [];
  for (let at = 0; at < latest.length; at += atOnce) {
    const some = latest.slice(at, at + atOnce).map(([userId, own]) => lockedOf(deps, userId, own));
    found.push(...(await Promise.all(some)).filter((one) => one !== null));
    await nextTurn();
  }
  return found;
}

async function lockedOf(
  deps: LockedDeps,
  userId: number,
  own: Awaited<ReturnType<Refusals["throttledSince"]>>,
): Promise<LockedAccount | null> {
  const user = await deps.users.byId(userId);
  const who = user === null ? [] : await keptOut(deps, user);
  if (user === null || who.length === 0) return null;
  return {
    ...{ userId, username: user.username, who, at: own[0]!.refused_at },
    networks: own.map(({ network }) => network),
    times: own.reduce((sum, { times }) => sum + times, 0),
  };
}
