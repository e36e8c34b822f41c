import { expect, it } from "vitest";
import { inSteps, nextTurn } from "./next-turn.ts";

it("lets one of those who wait go in each turn of the event loop, in the order they came", async () => {
  let turn = 0;
  let isOver = false;
  const count = () => {
    turn++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const resumed: { readonly who: string; readonly turn: number }[] = [];
  await Promise.all(
    ["a", "b", "c"].map(async (who) => {
      for (let step = 0; step < 3; step++) {
        await nextTurn();
        resumed.push({ who, turn });
      }
    }),
  );
  isOver = true;
  expect(resumed.map(({ who }) => who).join("")).toBe("abcabcabc");
  expect(new Set(resumed.map((one) => one.turn)).size).toBe(9);
});

it("does steps until the last, and leaves as long as each took in between", async () => {
  const [began, ended]: [number[], number[]] = [[], []];
  await inSteps(async () => {
    began.push(performance.now());
    await new Promise((resolve) => setTimeout(resolve, 20));
    ended.push(performance.now());
    return began.length < 3;
  });
  expect(began).toHaveLength(3);
  for (const n of [1, 2]) {
    // A timer may be a millisecond early.
    expect(began[n]! - ended[n - 1]!).toBeGreaterThanOrEqual(ended[n - 1]! - began[n - 1]! - 2);
  }
});
