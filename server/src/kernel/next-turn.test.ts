import { expect, it } from "vitest";
import { nextTurn } from "./next-turn.ts";

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
