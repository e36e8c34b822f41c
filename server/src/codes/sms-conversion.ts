import type { BaseLogger } from "pino";
import { warnOnceAnHour } from "../engines/kv/alarm.ts";
import { type KeyValue, key, type Operation } from "../engines/kv/kv.ts";
import type { Clock } from "../kernel/clock.ts";

/**
 * How many of the codes by SMS that a vendor took come back, by country. Numbers that earn by messages never type one: where fewer
 * than a share come back, everybody but known devices is asked for a captcha. Counted by twenty minutes, over the last hour but
 * the present twenty, whose codes are still on their way. Attack: pumping below every limit, from many networks (guards:
 * captcha.test.ts, pumping.test.ts). Promise: of any number at once each is counted (guard: kv.race.test.ts).
 */
export interface SmsConversion {
  /** The vendor took one. Neither this nor the other ever rejects: a missing count must hold nobody up. */
  sent(mobile: string): Promise<void>;
  proved(mobile: string): Promise<void>;
  /** Of a country: whether too few came back. */
  isPoor(mobile: string): Promise<boolean>;
}

export interface SmsConversionDeps {
  readonly kv: KeyValue;
  readonly clock: Clock;
  readonly log: Pick<BaseLogger, "warn" | "debug">;
  /** Percent; 0 = never asked for. */
  readonly smsConversionFloor: number;
  /** ISO 3166-1, two letters. */
  readonly countryOf: (mobile: string) => string;
}

/** Fewer say nothing. */
const leastSent = 30;
const bucketSeconds = 1200;
const buckets = 3;
/** More than anybody sends in twenty minutes. */
const uncounted = 1_000_000_000;

export function createSmsConversion(deps: SmsConversionDeps): SmsConversion {
  const { kv, clock, log, countryOf, smsConversionFloor } = deps;
  const bucketNow = () => Math.floor(clock.now() / 1000 / bucketSeconds);
  const counter = (stage: "sent" | "proved", country: string, bucket: number) =>
    key("limit", "everybody", `sms-${stage}-${country}-${bucket}`);

  const countOf = (stage: "sent" | "proved", mobile: string) => ({
    verb: "increment" as const,
    key: counter(stage, countryOf(mobile), bucketNow()),
    ...{ limit: uncounted, ttlSeconds: bucketSeconds * (buckets + 2) },
  });
  /** By country, of the twenty minutes: what is over doesn't change any more, and is read once. */
  const judged = new Map<string, { readonly bucket: number; readonly isPoor: boolean }>();

  const warn = (country: string, sent: number, proved: number) =>
    warnOnceAnHour(
      { kv, log },
      `sms-conversion-${country}`,
      { alarm: "sms_conversion", country, sent, proved },
      "few codes by SMS come back; strangers are asked for a captcha",
    );

  const count = async (stage: "sent" | "proved", mobile: string): Promise<void> => {
    await kv
      .batch([countOf(stage, mobile)])
      .catch((error: unknown) => log.debug({ err: error }, "a code by SMS is missing in the conversion"));
  };

  return {
    sent: (mobile) => count("sent", mobile),
    proved: (mobile) => count("proved", mobile),
    async isPoor(mobile) {
      if (smsConversionFloor === 0) return false;
      const country = countryOf(mobile);
      const bucket = bucketNow();
      const known = judged.get(country);
      if (known?.bucket === bucket) return known.isPoor;
      const last = Array.from({ length: buckets }, (_, i) => bucket - 1 - i);
      const gets = (["sent", "proved"] as const).flatMap((stage) =>
        last.map((bucket): Operation => ({ verb: "get", key: counter(stage, country, bucket) })),
      );
      const counts = (await kv.batch(gets)).map(({ value }) => Number(value));
      const sum = (some: readonly number[]) => some.reduce((all, one) => all + one, 0);
      const [sent, proved] = [sum(counts.slice(0, buckets)), sum(counts.slice(buckets))];
      const isPoor = sent >= leastSent && proved * 100 < sent * smsConversionFloor;
      judged.set(country, { bucket, isPoor });
      if (isPoor) await warn(country, sent, proved);
      return isPoor;
    },
  };
}
