import type { Asker } from "../devices/asker.ts";
import type { DeviceAccount, KnownDevices } from "../devices/known-devices.ts";
import { deriveKeys, type SecretKeys, subjectOf } from "../kernel/keys.ts";

/**
 * Who asks for a code or types one, as the counters of that address see them: a device that the address's account
 * knows, else the network. So strangers fill no counter of a device that logged in before, nor of another network's.
 */
export interface CodeClient {
  /** Stands in keys of the store, and shows nothing. */
  readonly id: string;
  /** What it was under earlier SECRET_KEYs, in their order. */
  readonly idsBefore: readonly string[];
  readonly isKnown: boolean;
  /** Whether an account has the address, or proved the number. */
  readonly hasAccount: boolean;
  /** For limits over all addresses. */
  readonly network: string;
  /** Of IPv6 the /48 around it, for limits of its own; null of IPv4. */
  readonly wider: string | null;
}

/**
 * Whether an account has the address (or proved the number), and the device's key where it knows it, else null. Promise: an address
 * without an account costs the same look-ups (attack: learning who has an account; guard: code-budgets.test.ts).
 */
export type DeviceOf = (
  to: string,
  asker: Asker,
) => Promise<{ readonly device: string | null; readonly hasAccount: boolean }>;

/** As `DeviceOf` has it, of the account that was found. */
export const deviceOfAccount = async (
  devices: Pick<KnownDevices, "find">,
  user: DeviceAccount | null,
  asker: Asker,
): ReturnType<DeviceOf> => ({ device: await devices.find(user, asker), hasAccount: user !== null });

export function createCodeClients({ secretKeys, deviceOf }: { secretKeys: SecretKeys; deviceOf: DeviceOf }) {
  const keys = deriveKeys(secretKeys, "verification client");
  return async (to: string, asker: Asker): Promise<CodeClient> => {
    const [network, ...networksBefore] = keys.map((key) => subjectOf(key, asker.network));
    const { device, hasAccount } = await deviceOf(to, asker);
    const idOf = (one: string) => (device === null ? `n-${one}` : `d-${device}`);
    return {
      ...{ id: idOf(network!), idsBefore: networksBefore.map(idOf) },
      ...{ isKnown: device !== null, hasAccount, network: network! },
      wider: asker.wider === null ? null : subjectOf(keys[0], asker.wider),
    };
  };
}
