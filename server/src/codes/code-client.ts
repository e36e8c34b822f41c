import type { Asker } from "../devices/asker.ts";
import { deriveKey, subjectOf } from "../kernel/keys.ts";

/**
 * Who asks for a code or types one, as the counters of that address see them: a device that the address's account
 * knows, else the network. So strangers fill no counter of a device that logged in before, nor of another network's.
 */
export interface CodeClient {
  /** Stands in keys of the store, and shows nothing. */
  readonly id: string;
  readonly isKnown: boolean;
  /** For limits over all addresses. */
  readonly network: string;
}

/**
 * The device's key where the account of the address knows it, else null. Promise: an address without an account
 * costs the same look-ups (attack: learning who has an account; guard: code-budgets.test.ts).
 */
export type DeviceOf = (email: string, asker: Asker) => Promise<string | null>;

export function createCodeClients({ secretKey, deviceOf }: { secretKey: string; deviceOf: DeviceOf }) {
  const key = deriveKey(secretKey, "verification client");
  return async (email: string, asker: Asker): Promise<CodeClient> => {
    const network = subjectOf(key, asker.network);
    const device = await deviceOf(email, asker);
    return { id: device === null ? `n-${network}` : `d-${device}`, isKnown: device !== null, network };
  };
}
