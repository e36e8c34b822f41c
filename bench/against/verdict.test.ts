import { describe, expect, it } from "vitest";
import { fewestPairs, judge, leftOut, orderOf, ratiosOf } from "./verdict.ts";

it("takes turns in the order ABBA", () => {
  const turns = [0, 1, 2, 3].flatMap((pair) => orderOf(pair)).map((side) => (side === "here" ? "A" : "B"));
  expect(turns.join("")).toBe("ABBAABBA");
});

it("compares the two of a pair with each other, and nothing with no cost", () => {
  expect(
    ratiosOf([
      { here: 30, there: 20 },
      { here: 50, there: 100 },
    ]),
  ).toEqual([1.5, 0.5]);
  for (const there of [0, Number.NaN]) expect(() => ratiosOf([{ here: 1, there }])).toThrow(RangeError);
});

describe("the verdict", () => {
  const nine = (least: number) => [1.2, 1.1, 1.3, 1.12, least, 1.14, 1.15, 1.4, 1.11];

  it("is dearer where the whole spread lies above the limit", () => {
    const verdict = judge(nine(1.06), 1.05);
    expect(verdict).toEqual({ median: 1.14, low: 1.06, high: 1.4, isDearer: true });
  });

  it.each([1.05, 1.04, 0.7])("is not dearer where one pair of nine says %d", (least) => {
    expect(judge(nine(least), 1.05)).toMatchObject({ median: 1.14, low: least, isDearer: false });
  });

  it("goes by the limit it is given", () => {
    expect(judge(nine(1.06), 1.06).isDearer).toBe(false);
    expect(judge(nine(0.97), 0.95).isDearer).toBe(true);
  });

  it("leaves out of many pairs what is chance", () => {
    const thirty = [...Array.from({ length: 27 }, (_, i) => 1.1 + i / 1000), 0.5, 0.9, 3];
    expect(judge(thirty, 1.05)).toMatchObject({ low: 1.105, high: 1.12, isDearer: true });
    expect(judge([...thirty, ...Array<number>(12).fill(1)], 1.05)).toMatchObject({ low: 1, isDearer: false });
  });
});

it.each([
  [fewestPairs, 0],
  [11, 0],
  [12, 1],
  [20, 3],
  [30, 7],
  [100, 36],
])("of %i pairs the spread leaves out %i at each end", (pairs, out) => expect(leftOut(pairs)).toBe(out));
