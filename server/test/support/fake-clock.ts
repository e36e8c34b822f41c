import type { Clock } from "../../src/lib/clock.ts";

/** A clock that stands still until it is moved. */
export interface FakeClock extends Clock {
  advance(seconds: number): void;
}

export function fakeClock(startAt = Date.UTC(2026, 10, 22, 12)): FakeClock {
  let now = startAt;
  return {
    now: () => now,
    advance(seconds) {
      now += seconds * 1000;
    },
  };
}
