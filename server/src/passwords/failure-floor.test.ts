import { expect, test } from "vitest";
import { createFailureFloor } from "./failure-floor.ts";

test("one kind of hash needs no floor", () => {
  const failures = createFailureFloor();
  for (let i = 0; i < 100; i++) failures.note("nobody", 15);
  expect(failures.floor()).toBe(0);
});

test("with several kinds every failure takes as long as the dearest, with room for its spread", () => {
  const failures = createFailureFloor();
  failures.note("nobody", 15);
  for (const ms of [40, 44, 38, 41, 42, 39]) failures.note("pbkdf2_sha256:120000", ms);
  expect(failures.floor()).toBeGreaterThan(44);
  expect(failures.floor()).toBeLessThan(70);
});

test("a hostile hash can't hold everybody up, nor can a flood of kinds fill the memory", () => {
  const failures = createFailureFloor();
  failures.note("nobody", 15);
  failures.note("hostile", 60_000);
  for (let i = 0; i < 1000; i++) failures.note(`kind ${i}`, 1);
  expect(failures.floor()).toBe(2_000);
});
