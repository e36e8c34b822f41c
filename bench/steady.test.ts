import { expect, it } from "vitest";
import { isSteady, warmUntilSteady } from "./steady.ts";

it.each([
  [[], false],
  [[100, 100], false],
  [[100, 100, 100], true],
  [[300, 104, 100, 102], true],
  [[104, 100, 106], false],
  [[120, 110, 100], false],
])("%j steady: %s", (costs, steady) => expect(isSteady(costs)).toBe(steady));

it("goes on until the cost stays the same, and no longer than it may", async () => {
  const of = (costs: (number | null)[]) => async () => costs.shift() ?? null;
  expect(await warmUntilSteady(of([300, 150, 100, 99, 101, 100]), 10)).toBe(5);
  expect(await warmUntilSteady(of([300, 150, 100, 80, 60, 40]), 4)).toBe(4);
  expect(await warmUntilSteady(of([null, null, null]), 2)).toBe(2);
});
