import { AppError } from "../errors/errors.ts";
import { clientNetwork } from "../kernel/client-address.ts";
import type { Clock } from "../kernel/clock.ts";

/**
 * How often one client network may ask whether a name, an address or a number is taken: a token bucket, filled `perMinute`
 * times a minute and holding as much. Attack: going through lists of addresses or numbers to learn who has an account (guard:
 * name-checks.test.ts). Counted in memory by each process for itself, so that a question stays one read; with several
 * processes a network may ask as many times more.
 */
export interface NameChecks {
  /** Takes one question of the address. Error: `throttled`, with the seconds until the next one is due. */
  admit(address: string): void;
}

export interface NameChecksOptions {
  readonly clock: Clock;
  /** Questions of a network in a minute, and at once; 0 = unlimited. */
  readonly perMinute: number;
  /** Networks remembered; of more, the one that asked for the first time longest ago is forgiven. Default 20,000: 3 MB. */
  readonly remembered?: number;
}

interface Bucket {
  left: number;
  filledAt: number;
}

export function createNameChecks({ clock, perMinute, remembered = 20_000 }: NameChecksOptions): NameChecks {
  const buckets = new Map<string, Bucket>();
  const perMilli = perMinute / 60_000;

  function bucketOf(network: string, now: number): Bucket {
    const known = buckets.get(network);
    if (known !== undefined) return known;
    if (buckets.size >= remembered) buckets.delete(buckets.keys().next().value!);
    const made = { left: perMinute, filledAt: now };
    buckets.set(network, made);
    return made;
  }

  return {
    admit(address) {
      if (perMinute === 0) return;
      const now = clock.now();
      // An IPv4 address is its own network; reading each would cost a tenth of the answer.
      const bucket = bucketOf(address.includes(":") ? clientNetwork(address) : address, now);
      // A clock that was set back fills nothing, and takes nothing away.
      const passed = Math.max(0, now - bucket.filledAt);
      bucket.left = Math.min(perMinute, bucket.left + passed * perMilli);
      bucket.filledAt = now;
      if (bucket.left < 1) {
        const retryAfterSeconds = Math.ceil((1 - bucket.left) / perMilli / 1000);
        throw new AppError("throttled", { retryAfterSeconds });
      }
      bucket.left -= 1;
    },
  };
}
