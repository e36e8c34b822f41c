import type { KeyValue } from "../engines/kv/kv.ts";
import { AppError } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import { limits } from "../kernel/limits.ts";
import { createCodeKeys } from "./code-keys.ts";

/**
 * The vendors' own minute: they send a number at most one message in it, whatever for. Who asks for a code of another
 * purpose within it is answered as ever, and the message waits for its turn. Promise: of all messages to a number, of any
 * process, no two are given the same minute (guard: sms.race.test.ts).
 */
export interface SmsMinute {
  /**
   * Takes the number's next minute; returns how many seconds the message has to wait for it. Error: `sms_too_frequent` for
   * a number that the vendor refused, with the seconds until it is asked again.
   */
  wait(mobile: string): Promise<number>;
  /** The vendor refused the number for having had its share of an hour or a day: it is left in peace for ten minutes. */
  hold(mobile: string): Promise<void>;
}

const minuteMillis = limits["sms-minute"].windowSeconds * 1000;
/** Nobody is made to wait for longer, also where a clock was set back. */
const longestMillis = 10 * minuteMillis;
/** In front of a time until which the vendor is not asked. */
const held = "held ";
const heldMillis = 10 * minuteMillis;
/** Each refusal means that somebody else got one: so many at once have long met the number's budget. */
const attempts = 50;

export function createSmsMinute({
  kv,
  clock,
  secretKey,
}: {
  readonly kv: KeyValue;
  readonly clock: Clock;
  readonly secretKey: string;
}): SmsMinute {
  const keysOf = createCodeKeys(secretKey);
  return {
    async wait(mobile) {
      const { minute: key } = keysOf(mobile, "changeMobile");
      for (let attempt = 0; attempt < attempts; attempt++) {
        // For the most part nothing was sent: then it is one call.
        const taken = attempt === 0 ? null : await kv.get(key);
        const now = clock.now();
        const free = Number(taken?.replace(held, "") ?? 0);
        if (taken?.startsWith(held) && free > now && free <= now + heldMillis) {
          throw new AppError("sms_too_frequent", { retryAfterSeconds: Math.ceil((free - now) / 1000) });
        }
        const at = free > now && free <= now + longestMillis ? free : now;
        const [value, ttlSeconds] = [String(at + minuteMillis), Math.ceil((at - now + minuteMillis) / 1000)];
        const outcomes = await kv.batch(
          taken === null
            ? [{ verb: "add", key, value, ttlSeconds }]
            : [
                { verb: "expect", key, value: taken },
                { verb: "set", key, value, ttlSeconds },
              ],
        );
        if (!outcomes[0]!.refused) return Math.ceil((at - now) / 1000);
      }
      throw new AppError("unavailable", { retryAfterSeconds: 5 });
    },
    async hold(mobile) {
      const { minute: key } = keysOf(mobile, "changeMobile");
      await kv.set(key, `${held}${clock.now() + heldMillis}`, heldMillis / 1000);
    },
  };
}
