/**
 * The suites at another time: tests with a date in them pass today and fail on a day when nobody changed anything.
 * libfaketime (Debian: faketime) tells it to every program of the run, Node as well as Python or PostgreSQL; timers
 * keep running by the machine's own clock.
 */
import { existsSync, globSync } from "node:fs";

export interface FalseClock {
  /** What it is now, ISO 8601 without fractions. */
  readonly startsAt: string;
  /** For the programs that shall live in that time. */
  readonly env: Readonly<Record<string, string>>;
}

/** Null where it is not installed. */
export function findFaketime(): string | null {
  const known = ["/usr/lib/*/faketime/libfaketime.so.1", "/usr/lib*/faketime/libfaketime.so.1"];
  return globSync(known).find((file) => existsSync(file)) ?? null;
}

export const faketimeMissing = () =>
  findFaketime() !== null
    ? null
    : "faketime is not installed: no test ran at another time (Debian: apt-get install faketime)";

/** `+40d`, `-2d`, or a time such as `2028-02-29T23:59:30Z`; null for anything else. */
export function falseTime(text: string, now: number): number | null {
  const days = /^([+-]\d{1,4})d$/.exec(text)?.[1];
  if (days !== undefined) return now + Number(days) * 86_400_000;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

/** `at`: epoch milliseconds that it shall be now. */
export function falseClock(library: string, at: number, now: number): FalseClock {
  const seconds = Math.round((at - now) / 1000);
  const startsAt = new Date(at).toISOString().replace(/\.\d+/, "");
  return {
    startsAt,
    env: {
      LD_PRELOAD: library,
      // An offset, because each process of the run would begin again at a fixed time.
      FAKETIME: `${seconds < 0 ? "" : "+"}${seconds}`,
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      TEST_CLOCK: startsAt,
      TEST_ENGINES: "sqlite",
    },
  };
}
