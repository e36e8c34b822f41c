import { expect, it } from "vitest";
import { retryMillis } from "./retry-schedule.ts";

const all = (random: number) => Array.from({ length: 10 }, (_, at) => retryMillis(at + 1, random));

it("tries ten times over 75 hours, as the specification recommends", () => {
  const hours = all(0).reduce<number>((sum, wait) => sum + (wait ?? 0), 0) / 3_600_000;
  expect([all(0).at(-1), all(0)[0], Math.floor(hours)]).toEqual([null, 5000, 75]);
});

it("spreads those that failed together, and never tries earlier", () => {
  const [least, most] = [all(0), all(0.999)];
  for (let at = 0; at < 9; at++) {
    expect(most[at]!).toBeGreaterThan(least[at]! * 1.09);
    expect(most[at]!).toBeLessThanOrEqual(least[at]! * 1.1);
  }
});
