import type { Asker } from "../devices/asker.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import { type Clock, dayMillis } from "../kernel/clock.ts";
import type { User } from "./record.ts";
import type { Users } from "./users.ts";

/**
 * Numbers that may be somebody else's by now: carriers give them out again, in China after about 90 days. Promises: of an account
 * whose number nobody proved for `NUMBER_STALE_DAYS` a code to that number alone opens nothing, but on a device that shows the
 * account's cookie; whoever proves the number may take it for an account of their own. Other log-ins don't count, as somebody who
 * gave the number up goes on by them; but with CONTRACT=classic, whose pages show no cookie and can give no second proof, so that who
 * comes every day by number and password would be kept out (docs/threats.md has what is left by that). Network and browser are no mark here: people behind one carrier
 * share them (attack: a newcomer with a number that was given out again; guards: stale-numbers.test.ts,
 * stale-numbers.race.test.ts).
 */
export interface StaleNumbersDeps {
  readonly users: Pick<Users, "byProvedMobile">;
  readonly devices: Pick<KnownDevices, "hasCookieOf">;
  readonly clock: Clock;
  readonly numberStaleDays: number;
  readonly contract: "email" | "classic";
}

export type StaleNumbers = ReturnType<typeof createStaleNumbers>;

/** When the number was proved last. */
const provedAt = (account: Pick<User, "mobile_proved_at" | "joined_at">): number =>
  account.mobile_proved_at ?? account.joined_at;

/** When the account was used last, by a code to its number or by a log-in, as far as it was noted; in epoch milliseconds. */
export const numberUsedAt = (
  account: Pick<User, "mobile_proved_at" | "joined_at" | "last_login_at">,
): number => Math.max(provedAt(account), account.last_login_at ?? 0);

/** An account whose number is stale, as it was found: a proof or a log-in since makes it fresh again. */
export interface StaleHolder {
  readonly id: number;
  readonly usedAt: number;
}

export const holderOf = (account: User): StaleHolder => ({
  id: account.id,
  usedAt: numberUsedAt(account),
});

export function createStaleNumbers({ users, devices, clock, numberStaleDays, contract }: StaleNumbersDeps) {
  const usedAt = contract === "classic" ? numberUsedAt : provedAt;
  const isOld = (account: User) => clock.now() - usedAt(account) >= numberStaleDays * dayMillis;

  /** Whether a code to the account's proved number is no proof that this asker is its owner. */
  const isStaleTo = async (account: User, asker: Asker) =>
    isOld(account) && !(await devices.hasCookieOf(account, asker));

  return {
    isOld,
    isStaleTo,

    /** The account that loses the number to this asker, who proves it for another one; null where it keeps it. */
    async loserOf(mobile: string, asker: Asker): Promise<StaleHolder | null> {
      const account = await users.byProvedMobile(mobile);
      return account !== null && (await isStaleTo(account, asker)) ? holderOf(account) : null;
    },
  };
}
