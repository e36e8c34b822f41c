import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createTurns } from "./in-turn.ts";

const late = new Error("too late");
const limitMillis = 1000;
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Work that goes on until it is asked to end. */
function pending() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return { work: () => promise, end: resolve, fail: reject };
}

it("does one subject's work in the order it came, after a failure too, and another's at once", async () => {
  const inTurn = createTurns(limitMillis, () => late);
  const [first, order] = [pending(), [] as string[]];
  const failed = inTurn("a", first.work).catch((error: Error) => error.message);
  const others = ["2", "3"].map((name) => inTurn("a", async () => order.push(name)));
  await inTurn("b", async () => order.push("b"));
  expect(order).toEqual(["b"]);
  first.fail(new Error("broken"));
  expect(await failed).toBe("broken");
  await Promise.all(others);
  expect(order).toEqual(["b", "2", "3"]);
});

it("refuses who waited too long, never begins that work, and goes on with who came later", async () => {
  const inTurn = createTurns(limitMillis, () => late);
  const [first, begun] = [pending(), [] as string[]];
  const running = inTurn("a", first.work);
  const waiting = ["2", "3"].map((name) => inTurn("a", async () => begun.push(name)));
  const refusals = Promise.allSettled(waiting);
  await vi.advanceTimersByTimeAsync(limitMillis / 2);
  const later = inTurn("a", async () => begun.push("4"));
  await vi.advanceTimersByTimeAsync(limitMillis / 2);
  expect(await refusals).toEqual([
    { status: "rejected", reason: late },
    { status: "rejected", reason: late },
  ]);
  first.end("done");
  expect(await running).toBe("done");
  await later;
  expect(begun).toEqual(["4"]);
  expect(vi.getTimerCount()).toBe(0);
});
