import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createHashQueue, type HashQueue } from "./hash-queue.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const someone = { client: "somewhere", account: null };

/** Of so many hashes at once, each of which takes so long, how many are refused. */
async function refusedOf(queue: HashQueue, count: number, millis: number): Promise<number> {
  const work = () => new Promise<void>((resolve) => setTimeout(resolve, millis));
  const all = Promise.allSettled(Array.from({ length: count }, () => queue.run(work, someone)));
  await vi.runAllTimersAsync();
  return (await all).filter(({ status }) => status === "rejected").length;
}

test("without a limit as many wait as get their turn within 600 ms, by what hashes took lately", async () => {
  const queue = createHashQueue(2, null);
  for (let n = 0; n < 100; n++) expect(await refusedOf(queue, 2, 30)).toBe(0);
  expect(await refusedOf(queue, 50, 30)).toBeGreaterThan(50 - 2 - 45);
  expect(await refusedOf(queue, 42, 30)).toBe(0);
});

test("and a few for each that runs, however long they take", async () => {
  const queue = createHashQueue(2, null);
  for (let n = 0; n < 100; n++) await refusedOf(queue, 2, 2000);
  expect(await refusedOf(queue, 12, 2000)).toBe(2);
});

test("a limit that was set is the number that wait", async () => {
  const queue = createHashQueue(1, 200);
  for (let n = 0; n < 50; n++) await refusedOf(queue, 1, 2000);
  expect(await refusedOf(queue, 205, 2000)).toBe(4);
});
