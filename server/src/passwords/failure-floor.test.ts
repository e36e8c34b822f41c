import { expect, test } from "vitest";
import { someone } from "../../test/support/holders.ts";
import { createFailureFloor } from "./failure-floor.ts";
import { createPasswords } from "./passwords.ts";

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

test("an account with a dear imported hash fails in the time of an unknown one", {
  timeout: 60_000,
}, async () => {
  const passwords = createPasswords({ concurrency: 1 });
  const dear = "pbkdf2_sha256$600000$a8RkyJ7r2zyKsxtqWkZzEc$Wi/KqQAHOIyLeq8bKzGWhzYXTC9+vTXos1v8TQt8zq4=";
  const timed = async (work: () => Promise<unknown>) => {
    const begin = performance.now();
    await work();
    return performance.now() - begin;
  };
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] as number;
  const cold = median(await series(5, () => timed(() => passwords.verifyNobody("wrong password", someone))));
  await series(3, () => timed(() => passwords.verify("wrong password", dear, someone)));
  const imported: number[] = [];
  const unknown: number[] = [];
  const unusable: number[] = [];
  for (let i = 0; i < 9; i++) {
    imported.push(await timed(() => passwords.verify("wrong password", dear, someone)));
    unknown.push(await timed(() => passwords.verifyNobody("wrong password", someone)));
    unusable.push(await timed(() => passwords.verify("wrong password", passwords.unusable(), someone)));
  }
  expect(median(imported)).toBeGreaterThan(cold * 2); // else there would be nothing to hide
  expect(median(unknown) / median(imported)).toBeGreaterThan(0.8);
  expect(median(unknown) / median(imported)).toBeLessThan(1.25);
  expect(median(unusable) / median(imported)).toBeGreaterThan(0.8);
});

async function series<Result>(times: number, work: () => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let i = 0; i < times; i++) results.push(await work());
  return results;
}
