import { availableParallelism } from "node:os";
import { expect, it } from "vitest";
import { defaultHashConcurrency, threadPoolSize } from "./hash-concurrency.ts";

const processors = availableParallelism();

it("processors are shared out among the API processes, and each has one hash at least", () => {
  expect(defaultHashConcurrency(1)).toBe(processors);
  expect(defaultHashConcurrency(2)).toBe(Math.max(1, Math.floor(processors / 2)));
  expect(defaultHashConcurrency(1000)).toBe(1);
});

it.each([
  ["6", 10],
  ["64", 68],
  [undefined, processors + 4],
  ["0", processors + 4],
  // What the configuration refuses makes no pool of its own.
  ["-3", processors + 4],
  ["many", processors + 4],
  ["100000", processors + 4],
])("HASH_CONCURRENCY=%s makes %d threads", (written, threads) => {
  expect(threadPoolSize(written)).toBe(threads);
});
