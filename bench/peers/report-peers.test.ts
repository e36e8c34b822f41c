import { expect, it } from "vitest";
import type { Sample } from "../measure.ts";
import { chartOfPeers } from "./chart-peers.ts";
import { floor, ours, type PeersResult } from "./peer.ts";
import { ratiosOf } from "./report-peers.ts";

const samples = (...costs: (number | null)[]): Sample[] =>
  costs.map((cpuMicros) => ({ perSecond: 1, cpuMicros }));
const result: PeersResult = {
  engine: "sqlite",
  peers: [
    { name: "better-auth", made: "better-auth 1" },
    { name: "Django", made: "Django 3" },
  ],
  rows: new Map([
    [
      "count",
      new Map([
        [ours, samples(10, 20, 40)],
        [floor, samples(8, 8, 8)],
        ["better-auth", samples(100, 600, 800)],
        ["Django", samples(500, 500, 500)],
      ]),
    ],
    ["code", new Map([[ours, samples(10, 10, 10)]])],
  ]),
};

it("compares the rounds' own figures, and says nothing of what was not measured", () => {
  expect(ratiosOf(result)).toEqual([
    { row: "count", peer: "better-auth", times: 20, from: 10, to: 30 },
    { row: "count", peer: "Django", times: 25, from: 12.5, to: 50 },
  ]);
});

it("draws a bar for each that was measured, ours before the others", () => {
  const chart = chartOfPeers(result);
  const values = [...chart.matchAll(/<text x="\d+" y="\d+">(\d+)<\/text>/g)].map(([, value]) =>
    Number(value),
  );
  expect(values).toEqual([20, 600, 500, 8, 10]);
  const widths = [...chart.matchAll(/height="14"/g)];
  expect(widths).toHaveLength(5);
});
