import { expect, it } from "vitest";
import { growsBeyond, memoryTrend, warmUpSeconds } from "./memory-trend.ts";

/** Ten minutes, a sample every five seconds. */
const run = (megabytes: (minutes: number, sample: number) => number, minutes = 10) =>
  Array.from({ length: minutes * 12 + 1 }, (_, i) => ({ seconds: i * 5, megabytes: megabytes(i / 12, i) }));
/** The same every time, and without a pattern. */
const noise = (sample: number) => ((sample * 7919) % 101) / 101 - 0.5;
const warmUp = (minutes: number) => 150 + 40 * (1 - Math.exp(-minutes / 1.5));
const sawTooth = (sample: number) => (sample % 9) * 4;

it.each([
  ["steady memory", run((_, i) => 150 + noise(i) * 6)],
  ["warming up", run((minutes, i) => warmUp(minutes) + noise(i) * 4)],
  ["a heap that rises and is collected", run((_, i) => 60 + sawTooth(i) + noise(i))],
  ["one small step", run((minutes, i) => (minutes > 5.4 ? 158 : 156) + noise(i) * 3)],
  ["an allocator that keeps a hash's block now and then", run((_, i) => 90 + 19 * (((i * 31) % 47) % 3))],
  ["memory that is given back", run((minutes, i) => 200 - minutes * 3 + noise(i) * 4)],
])("sees no leak in %s", (_, samples) => {
  expect(growsBeyond(memoryTrend(samples), 1)).toBe(false);
});

it.each([
  ["2 MB a minute after warming up", run((minutes, i) => warmUp(minutes) + 2 * minutes + noise(i) * 4)],
  ["2 MB a minute under a saw-tooth", run((minutes, i) => 60 + sawTooth(i) + 2 * minutes + noise(i))],
  ["5 MB a minute under much noise", run((minutes, i) => 150 + 5 * minutes + noise(i) * 20)],
])("sees a leak of %s", (_, samples) => {
  const trend = memoryTrend(samples);
  expect(growsBeyond(trend, 1)).toBe(true);
  expect(trend!.slope).toBeGreaterThan(1.5);
});

it("does not judge a run that only shows the warming up, or a system that doesn't tell", () => {
  expect(memoryTrend(run((minutes) => warmUp(minutes), 4))).toBeNull();
  expect(memoryTrend(run(() => Number.NaN))).toBeNull();
  expect(growsBeyond(null, 1)).toBe(false);
});

it("leaves the warm-up out: three minutes, of a shorter run half", () => {
  expect([warmUpSeconds(600), warmUpSeconds(3600), warmUpSeconds(300)]).toEqual([180, 180, 150]);
  const steep = run((minutes) => (minutes < 3 ? 20 * minutes : 60));
  expect(memoryTrend(steep)).toEqual({ slope: 0, margin: 0, windows: 7 });
});
