import { expect, it } from "vitest";
import { attemptsWithin, backoffMillis } from "./job-definitions.ts";

const backoff = { backoffSeconds: 2, backoffLimitSeconds: 30 };

it.each([5, 180, 3600])(
  "the runs of a job last for its %i seconds, however chance takes the waits",
  (life) => {
    const attempts = attemptsWithin(life, backoff);
    for (const random of [0, 0.5, 0.999]) {
      let passed = 0;
      for (let run = 1; run < attempts; run++) passed += backoffMillis(backoff, run, random);
      expect(passed).toBeGreaterThanOrEqual(life * 1000);
    }
    // And are no more than that takes.
    let shortest = 0;
    for (let run = 1; run < attempts - 1; run++) shortest += backoffMillis(backoff, run, 1);
    expect(shortest).toBeLessThan(life * 1000);
  },
);

it("waits are doubled up to the limit, less a quarter at most", () => {
  expect([1, 2, 3, 4, 5, 6, 40].map((run) => backoffMillis(backoff, run, 0))).toEqual(
    [2, 4, 8, 16, 30, 30, 30].map((seconds) => seconds * 1000),
  );
  expect(backoffMillis(backoff, 5, 1)).toBe(22_500);
});
