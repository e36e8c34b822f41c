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
