import { setTimeout as sleep } from "node:timers/promises";

let last: Promise<void> = Promise.resolve();

/**
 * Resolves in a later turn of the event loop, after whatever waits has had its own. Between two pieces of long work: on SQLite a
 * query is answered at once, so that any number of them, one after another, are a single turn. Of those who wait here one is let
 * go in each turn, in the order they came (accident: four jobs that gave up their turns went on in the same one, and each took its
 * five milliseconds of it; guard: next-turn.test.ts).
 */
export function nextTurn(): Promise<void> {
  last = last.then(
    () =>
      new Promise((resolve) => {
        setImmediate(resolve);
      }),
  );
  return last;
}

/** How long work may go on in one turn. */
const turnMillis = 5;

/** For work of very many pieces: awaited after each, it gives the turn away where it has been kept for long enough. */
export function createPauses(): () => Promise<void> {
  let began = performance.now();
  return async () => {
    if (performance.now() - began < turnMillis) return;
    await nextTurn();
    began = performance.now();
  };
}

/**
 * Does one step after the other until one says that there is no more, and leaves others as long as they took: their requests, and the
 * thread that takes what was committed into SQLite's file. Accident: a group of a million members went in steps that followed each
 * other at once, the thread fell behind, and one of the commits held everybody up for 70 ms to do its work.
 */
export async function inSteps(step: () => Promise<boolean>): Promise<void> {
  let worked = 0;
  for (;;) {
    const began = performance.now();
    if (!(await step())) return;
    worked += performance.now() - began;
    // A timer is not for less than a millisecond.
    if (worked < turnMillis) {
      await nextTurn();
      continue;
    }
    await sleep(worked);
    worked = 0;
  }
}
