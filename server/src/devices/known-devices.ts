import type { Db } from "../engines/database/database.ts";
import { type Clock, dayMillis } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import { limits } from "../kernel/limits.ts";
import { type Asker, type AskingRequest, createAskers, deviceLifeDays } from "./asker.ts";
import { findDevices, listDeviceKeys, purgeDevices, putDevices } from "./known-device-store.ts";

/**
 * Known devices: those that proved to be the account's before, by a log-in of any kind, a sign-up or a password reset.
 * The one notion of them for the whole product. Promises: a device is known only to the account it logged in to, under
 * the credentials it did that with (a reset, a changed password or "log out everywhere" makes a stranger of every other
 * device, a thief's too), for 180 days after it was last seen, and as one of the 20 seen last. Nothing of it tells who
 * the device is.
 *
 * Being known lets nobody in. It gives a device counters of its own, with everybody's limits, so that strangers who
 * fill theirs keep no owner out. Attacks:
 * - a copied or stolen cookie: gives its thief those counters, as many guesses again and nothing more;
 * - a stranger who shares network, browser and system with an owner whose front end keeps no cookies: shares those
 *   counters, so he can fill them; an owner whose browser keeps the cookie has others;
 * - many devices in order to push the owner's out: only who gets in makes one.
 * Guards: known-devices.test.ts, known-devices.race.test.ts.
 */
export interface DeviceAccount {
  readonly id: number;
  readonly credentials_version: number;
}

export type KnownDevices = ReturnType<typeof createKnownDevices>;

/** Devices of one account that are kept. */
export const devicesPerAccount = limits["known-devices"].most;

/** Stands for an account where there is none, so that the same is asked of the database. */
const nobody: DeviceAccount = { id: 0, credentials_version: 0 };

export function createKnownDevices(deps: {
  readonly db: Db;
  readonly clock: Clock;
  readonly secretKeys: SecretKeys;
  /** Of the API's public address. */
  readonly isHttps: boolean;
}) {
  const { db, clock } = deps;
  const askers = createAskers(deps);

  async function findSeen(account: DeviceAccount, asker: Asker) {
    const since = clock.now() - deviceLifeDays * dayMillis;
    const seen = [asker, ...asker.before].map(({ cookieKey, browserKey }) =>
      findDevices(db, {
        ...{ userId: account.id, version: account.credentials_version },
        ...{ first: cookieKey ?? browserKey, second: browserKey, since },
      }),
    );
    const devices = (await Promise.all(seen)).flat();
    return new Map(devices.map((device) => [device.device_key, device.last_seen_at]));
  }

  async function find(account: DeviceAccount | null, asker: Asker): Promise<string | null> {
    const seen = await findSeen(account ?? nobody, asker);
    const marks = [asker, ...asker.before].flatMap(({ cookieKey, browserKey }) => [cookieKey, browserKey]);
    return marks.find((one) => one !== null && seen.has(one)) ?? null;
  }

  return {
    /** Who sends this request. */
    askerOf: (request: AskingRequest): Promise<Asker> => askers.askerOf(request),

    /**
     * The device's key where the account knows it, for counters of its own; else null. For no account (null) the same
     * is asked of the database, and the answer is null.
     */
    find,

    /** The keys of every device that the account knows: for an operator who looks at its counters. */
    keysOf: (account: DeviceAccount): Promise<string[]> => listDeviceKeys(db, account),

    /** Whether the device is known to the account. */
    isKnown: async (account: DeviceAccount | null, asker: Asker): Promise<boolean> =>
      (await find(account, asker)) !== null,

    /** Whether it shows the cookie of a device that the account knows: network and browser, which strangers may share, are none. */
    async hasCookieOf(account: DeviceAccount, asker: Asker): Promise<boolean> {
      const seen = await findSeen(account, asker);
      return [asker, ...asker.before].some(({ cookieKey }) => cookieKey !== null && seen.has(cookieKey));
    },

    /**
     * Makes the device known: call it after every successful way in, with the account as it is then. Returns the
     * Set-Cookie value for the answer. Without `givesCookie` the answer has none, and no row waits for a cookie that
     * can't come back: a script from changing networks would push the owner's other devices out twice as fast.
     */
    async remember(
      account: DeviceAccount,
      asker: Asker,
      { givesCookie = true }: { readonly givesCookie?: boolean } = {},
    ): Promise<string> {
      const seen = await findSeen(account, asker);
      const marks = givesCookie ? marksOf(asker, seen) : [asker.cookieKey ?? asker.browserKey];
      // Once a day is enough to know it is in use; most log-ins write nothing.
      const isFresh = (mark: string) => (seen.get(mark) ?? 0) > clock.now() - dayMillis;
      if (!marks.every(isFresh)) {
        await putDevices(db, { userId: account.id, version: account.credentials_version }, marks, {
          now: clock.now(),
          most: devicesPerAccount,
        });
      }
      return askers.cookieFor(asker);
    },

    /** Removes up to `limit` devices that are strangers again. */
    purge: (limit: number): Promise<number> =>
      purgeDevices(db, clock.now() - deviceLifeDays * dayMillis, limit),
  };

  /**
   * By what the device is known from now on. A cookie that came back is enough. A new one may or may not be kept by
   * the browser, so the other mark counts as well; where that is known already the new cookie waits until it comes
   * back, or a front end that keeps none would add one with each log-in.
   */
  function marksOf(asker: Asker, seen: ReadonlyMap<string, number>): string[] {
    if (asker.cookieKey !== null) return [asker.cookieKey];
    if (seen.has(asker.browserKey)) return [asker.browserKey];
    return [asker.browserKey, askers.cookieKeyOf(asker.cookieId)];
  }
}
