import { flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { effectScope } from "vue";
import { askAfterMs, useExistenceCheck } from "./existence-check.ts";

type Question = { value: string; signal: AbortSignal; answer(count: number): void; fail(): void };

let questions: Question[];
let scope: ReturnType<typeof effectScope>;
let check: ReturnType<typeof useExistenceCheck>;

beforeEach(() => {
  vi.useFakeTimers();
  questions = [];
  scope = effectScope();
  check = scope.run(() =>
    useExistenceCheck(
      (value, signal) =>
        new Promise((resolve, reject) => {
          questions.push({ value, signal, answer: resolve, fail: () => reject(new Error("away")) });
        }),
    ),
  )!;
});
afterEach(() => {
  scope.stop();
  vi.useRealTimers();
});

it("asks once, a moment after typing stops", async () => {
  for (const typed of ["pyth", "pytho", "python01"]) {
    check.consider(typed, true);
    vi.advanceTimersByTime(askAfterMs - 1);
  }
  expect(questions).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(questions.map(({ value }) => value)).toEqual(["python01"]);
  expect(check.state.value).toBe("checking");
  questions[0]!.answer(1);
  await flushPromises();
  expect(check.state.value).toBe("taken");
});

it("asks at once where the field is left, and not again for the same value", async () => {
  check.consider("python01", true);
  check.askNow("python01", true);
  questions[0]!.answer(0);
  await flushPromises();
  expect(check.state.value).toBe("free");
  check.askNow("python01", true);
  vi.advanceTimersByTime(askAfterMs);
  expect(questions).toHaveLength(1);
});

it("does not ask about what could never be a name", () => {
  check.consider("a b", false);
  check.askNow("a b", false);
  vi.advanceTimersByTime(askAfterMs);
  expect([questions, check.state.value]).toEqual([[], "unknown"]);
});

it("drops an answer to an earlier question, and stops waiting for it", async () => {
  check.askNow("python01", true);
  check.askNow("python02", true);
  expect(questions[0]!.signal.aborted).toBe(true);
  questions[1]!.answer(0);
  questions[0]!.answer(1);
  await flushPromises();
  expect(check.state.value).toBe("free");
});

it("says nothing where the question failed: the sign-up itself asks again", async () => {
  check.askNow("python01", true);
  questions[0]!.fail();
  await flushPromises();
  expect(check.state.value).toBe("unknown");
});

it("asks nobody after the page is gone", () => {
  check.consider("python01", true);
  scope.stop();
  vi.advanceTimersByTime(askAfterMs);
  expect(questions).toEqual([]);
});
