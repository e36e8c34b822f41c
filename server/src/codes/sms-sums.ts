import type { KeyValue, Operation } from "../engines/kv/kv.ts";
import { AppError } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import { limits } from "../kernel/limits.ts";
import type { Log } from "../kernel/log.ts";
import { strangersPart } from "./address-steps.ts";
import { type CodeKeys, createCodeKeys } from "./code-keys.ts";
import type { CodesSettings } from "./settings.ts";

/**
 * What a number is sent by SMS: one a minute, so many in any hour and any day, as vendors count. Theirs are windows that roll, so
 * ours are no windows with a beginning: one entry has the times of the number's messages, and whoever asks puts the next
 * one into it. A message goes out within its code's life after its time, and the windows are longer by that. Promise: of
 * what is planned here no vendor with these sums refuses any, at whatever moments it is asked for, and however many ask at
 * once (guards: sms-sums.test.ts, sms.race.test.ts).
 */
export interface SmsSums {
  /** Reads what `plan` wants to know, as a part of a batch. */
  reading(number: NumberSums): Operation;
  /**
   * The next message's time, and what puts it into the entry: refused as long as `seen` is not what stands there. Error:
   * `sms_too_frequent`, with the seconds until the number may be sent another one.
   */
  plan(number: NumberSums, seen: string | null, asker: { readonly isTrusted: boolean }): PlannedSms;
  /** Takes back one that is not sent. Never rejects. */
  giveBack(mobile: string, at: number): Promise<void>;
}

/** A number's entry. */
type NumberSums = Pick<CodeKeys, "sends">;

export interface PlannedSms {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly delaySeconds: number;
  readonly operations: readonly Operation[];
}

export interface SmsSumsDeps
  extends Pick<CodesSettings, "smsCodesPerHour" | "smsCodesPerDay" | "smsCodeLifeSeconds"> {
  readonly kv: KeyValue;
  readonly clock: Clock;
  readonly log: Pick<Log, "warn">;
  readonly secretKey: string;
}

const minuteMillis = limits["sms-minute"].windowSeconds * 1000;
/** Nobody is made to wait for longer, also where a clock was set back. */
const longestMillis = 10 * minuteMillis;
/** Each refusal means that somebody else was there: so many at once have long met the number's sums. */
const attempts = 50;

export function createSmsSums(deps: SmsSumsDeps): SmsSums {
  const { kv, clock } = deps;
  const keysOf = createCodeKeys(deps.secretKey);
  const late = deps.smsCodeLifeSeconds * 1000;
  // The longer wait first: it is the one to be told.
  const windows = [
    { most: deps.smsCodesPerDay, millis: limits["address-day"].windowSeconds * 1000 + late },
    { most: deps.smsCodesPerHour, millis: limits["address-hour"].windowSeconds * 1000 + late },
  ];
  const longest = Math.max(...windows.map(({ millis }) => millis));

  /** In their order, of those that still count. */
  const timesIn = (seen: string | null, now: number): readonly number[] =>
    (seen?.split(",") ?? []).map(Number).filter((at) => at > now - longest && at <= now + longestMillis);

  function writing(key: string, seen: string | null, times: readonly number[], now: number): Operation[] {
    const value = times.join(",");
    const ttlSeconds = Math.ceil(((times.at(-1) ?? now) + longest - now) / 1000);
    const expected: Operation = { verb: "expect", key, value: seen ?? "" };
    if (times.length === 0) return [expected, { verb: "delete", key }];
    return [expected, { verb: "set", key, value, ttlSeconds }];
  }

  async function takeBack(mobile: string, at: number): Promise<void> {
    const key = keysOf(mobile, "changeMobile").sends;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const seen = await kv.get(key);
      const now = clock.now();
      const times = timesIn(seen, now);
      if (!times.includes(at)) return;
      const left = times.filter((one) => one !== at);
      const outcomes = await kv.batch(writing(key, seen, left, now));
      if (!outcomes.some(({ refused }) => refused)) return;
    }
  }

  return {
    reading: ({ sends }) => ({ verb: "get", key: sends }),
    plan({ sends }, seen, { isTrusted }) {
      const now = clock.now();
      const times = timesIn(seen, now);
      const at = Math.max(now, (times.at(-1) ?? 0) + minuteMillis);
      if (at > now + longestMillis) {
        throw new AppError("sms_too_frequent", { retryAfterSeconds: Math.ceil((at - now) / 1000) });
      }
      for (const { most, millis } of windows) {
        const share = isTrusted ? most : strangersPart(most);
        const within = times.filter((one) => one > at - millis);
        // Free again when so many of them are past that one is left of the share.
        const last = within.at(-share);
        if (last === undefined) continue;
        const retryAfterSeconds = Math.max(1, Math.ceil((last + millis - now) / 1000));
        throw new AppError("sms_too_frequent", { retryAfterSeconds });
      }
      return {
        ...{ at, delaySeconds: Math.ceil((at - now) / 1000) },
        operations: writing(sends, seen, [...times, at], now),
      };
    },
    giveBack: (mobile, at) =>
      takeBack(mobile, at).catch((error: unknown) =>
        deps.log.warn({ err: error }, "an SMS that was not sent stays counted for its number"),
      ),
  };
}
