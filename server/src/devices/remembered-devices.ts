import type { Db } from "../engines/database/database.ts";
import { AppError } from "../errors/errors.ts";
import { maskNetwork } from "../kernel/client-address.ts";
import { type Clock, dayMillis } from "../kernel/clock.ts";
import { randomToken } from "../kernel/ids.ts";
import { limits } from "../kernel/limits.ts";
import { type Asker, createTrustCookie, trustBytes, trustHashOf } from "./asker.ts";
import { browserName } from "./browser-name.ts";
import {
  deleteRememberedDevices,
  insertRememberedDevice,
  listRememberedDevices,
  lockUnchangedAccount,
  makeRoom,
  moveRememberedDevices,
  purgeRememberedDevices,
  type StoredRememberedDevice,
  useRememberedDevice,
} from "./remembered-device-store.ts";

/**
 * Remembered devices: where a second factor was given and its owner ticked that they trust the device, a log-in there is asked
 * for none for some weeks. Promises: it stands in for the second factor alone, never for the first, and proves nothing else
 * (no step-up); 256 random bits in a cookie, of which a hash is kept; it ends with its time, by its owner's wish, with every
 * change of the account's credentials or second factor; ten an account, the one unused longest makes room. Never for staff
 * and superusers (sign-in/second-factor-gate.ts).
 *
 * Attacks:
 * - a cookie planted in the owner's browser, of which the planter knows the secret: each time a new secret is given, and none
 *   that a browser brought is kept;
 * - a copied cookie: opens nothing without the password, and is seen and removed in the list;
 * - a device remembered while its owner ends everything: the account is locked and compared first.
 * Guards: remembered-devices.test.ts, remembered-devices.race.test.ts.
 */
export interface RememberedAccount {
  readonly id: number;
  readonly credentials_version: number;
  readonly second_factor_at: number | null;
}

export interface RememberedDevicesDeps {
  readonly db: Db;
  readonly clock: Clock;
  /** Of the API's public address. */
  readonly isHttps: boolean;
  /** 0 = none is made, and none counts any more. */
  readonly rememberDeviceDays: number;
}

export type RememberedDevices = ReturnType<typeof createRememberedDevices>;

type Owner = Pick<RememberedAccount, "id" | "credentials_version">;

const { most: mostPerAccount } = limits["remembered-devices"];

export function createRememberedDevices({
  db,
  clock,
  isHttps,
  rememberDeviceDays: days,
}: RememberedDevicesDeps) {
  const cookie = createTrustCookie({ isHttps, days });
  const since = () => clock.now() - days * dayMillis;
  const of = ({ id, credentials_version }: Owner) => ({ userId: id, version: credentials_version });

  return {
    /** For how many days a device is remembered; 0 where nobody is offered it. */
    days,

    /** Whether the account's second factor was given on this device, lately enough; notes that it is in use. */
    async use(owner: Owner, { trustHash: hash }: Pick<Asker, "trustHash">): Promise<boolean> {
      if (hash === null || days === 0) return false;
      return useRememberedDevice(db, { ...of(owner), hash, since: since(), now: clock.now() });
    },

    /**
     * Remembers the device, for an account whose second factor was given on it now. Returns the Set-Cookie value for the
     * answer; null where the account has changed meanwhile.
     */
    async remember(account: RememberedAccount, asker: Asker): Promise<string | null> {
      const { trustHash: brought } = asker;
      const secret = randomToken(trustBytes);
      const now = clock.now();
      const row: StoredRememberedDevice = {
        ...{ id: randomToken(), user_id: account.id, secret_hash: trustHashOf(secret) },
        credentials_version: account.credentials_version,
        browser: (await browserName(asker.userAgent)).slice(0, 100),
        network: maskNetwork(asker.network),
        ...{ created_at: now, last_used_at: now },
      };
      const isWritten = await db.transaction(async (transaction) => {
        if (!(await lockUnchangedAccount(transaction, account))) return false;
        await makeRoom(transaction, { ...of(account), hash: brought, most: mostPerAccount - 1 });
        if (brought !== null) await moveRememberedDevices(transaction, brought, row.secret_hash);
        await insertRememberedDevice(transaction, row);
        return true;
      });
      return isWritten ? cookie.write(secret) : null;
    },

    /** Those that count, the one used last first; `current` is the one that asks. */
    async list(
      owner: Owner,
      { trustHash }: Pick<Asker, "trustHash">,
    ): Promise<(RememberedDevice & { readonly current: boolean })[]> {
      if (days === 0) return [];
      const rows = await listRememberedDevices(db, { ...of(owner), since: since() });
      return rows.map(({ secret_hash, created_at, ...row }) => ({
        ...row,
        ...{ created_at, expires_at: created_at + days * dayMillis, current: secret_hash === trustHash },
      }));
    },

    /** Error: `not_found` for one that is none of theirs. */
    async forget(userId: number, id: string): Promise<void> {
      if ((await deleteRememberedDevices(db, userId, { id })) === 0) throw new AppError("not_found");
    },

    /** All but the one that asks; returns how many. */
    forgetOthers: (userId: number, { trustHash }: Pick<Asker, "trustHash">): Promise<number> =>
      deleteRememberedDevices(db, userId, { exceptHash: trustHash }),

    /** Removes up to `limit` whose time is over. */
    purge: (limit: number): Promise<number> => purgeRememberedDevices(db, since(), limit),
  };
}

/** As its owner sees it. */
export type RememberedDevice = Pick<
  StoredRememberedDevice,
  "id" | "browser" | "network" | "created_at" | "last_used_at"
> & {
  /** Epoch milliseconds, as the others. */
  readonly expires_at: number;
};

/** Every one of the account: whatever changes its second factor calls it, in the same transaction. */
export async function forgetRememberedDevices(transaction: Db, userId: number): Promise<void> {
  await deleteRememberedDevices(transaction, userId);
}
