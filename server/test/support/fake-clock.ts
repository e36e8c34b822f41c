import type { Clock } from "../../src/kernel/clock.ts";

/**
 * A clock that stands still until it is moved. It starts at a fixed time, that of TEST_CLOCK in a run under a false
 * clock; hand it to nothing that reads the machine's clock, or give it `Date.now()`.
 */
export interface FakeClock extends Clock {
  advance(seconds: number): void;
}

const usualStart = process.env.TEST_CLOCK ?? "2026-11-22T12:00:00Z";

export function fakeClock(startAt = Date.parse(usualStart)): FakeClock {
  let now = startAt;
  return {
    now: () => now,
    advance(seconds) {
      now += seconds * 1000;
    },
  };
}
