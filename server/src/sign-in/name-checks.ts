import { AppError } from "../errors/errors.ts";
import { clientNetworks } from "../kernel/client-address.ts";
import type { Clock } from "../kernel/clock.ts";
import { limits } from "../kernel/limits.ts";

/**
 * How often one client network may ask whether a name, an address or a number is taken: a token bucket, filled `perMinute`
 * times a minute and holding as much, and one of `widerFactor` times that for an IPv6 /48. Attack: going through lists of
 * addresses or numbers to learn who has an account (guard: name-checks.test.ts). Counted in memory by each process for itself,
 * so that a question stays one read; with several processes a network may ask as many times more.
 */
export interface NameChecks {
  /** Takes one question of the address. Error: `throttled`, with the seconds until the next one is due. */
  admit(address: string): void;
}

export interface NameChecksOptions {
  readonly clock: Clock;
  /** Questions of a network in a minute, and at once; 0 = unlimited. */
  readonly perMinute: number;
  /** How many times what one network may an IPv6 /48 may. */
  readonly widerFactor: number;
  /** Networks remembered; of more, the one that asked for the first time longest ago is forgiven. Default 20,000: 3 MB. */
  readonly remembered?: number;
}

const { windowSeconds } = limits["name-checks"];

interface Bucket {
  left: number;
  filledAt: number;
}

export function createNameChecks(options: NameChecksOptions): NameChecks {
  const { clock, perMinute, widerFactor, remembered = 20_000 } = options;
  const buckets = new Map<string, Bucket>();

  function filled(network: string, perMinute: number, now: number): Bucket {
    const known = buckets.get(network);
    if (known === undefined) {
      if (buckets.size >= remembered) buckets.delete(buckets.keys().next().value!);
      const made = { left: perMinute, filledAt: now };
      buckets.set(network, made);
      return made;
    }
    // A clock that was set back fills nothing, and takes nothing away.
    const passed = Math.max(0, now - known.filledAt);
    known.left = Math.min(perMinute, known.left + (passed * perMinute) / (windowSeconds * 1000));
    known.filledAt = now;
    return known;
  }

  function expectOne({ left }: Bucket, perMinute: number): void {
    if (left >= 1) return;
    throw new AppError("throttled", {
      retryAfterSeconds: Math.ceil(((1 - left) * windowSeconds) / perMinute),
    });
  }

  return {
    admit(address) {
      if (perMinute === 0) return;
      const now = clock.now();
      // An IPv4 address is its own network; reading each would cost a tenth of the answer.
      const { network, wider } = address.includes(":")
        ? clientNetworks(address)
        : { network: address, wider: null };
      const own = filled(network, perMinute, now);
      expectOne(own, perMinute);
      if (wider !== null) {
        const around = filled(wider, perMinute * widerFactor, now);
        expectOne(around, perMinute * widerFactor);
        around.left -= 1;
      }
      own.left -= 1;
    },
  };
}
