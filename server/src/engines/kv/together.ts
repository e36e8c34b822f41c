import type { Operation, Outcome } from "./kv.ts";

type Batch = readonly Operation[];

interface Waiting {
  readonly operations: Batch;
  readonly done: (outcomes: Outcome[]) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Sends batches that are asked for at once in one command: a request that counts in several places does so before it waits for any of
 * them, and each command costs as much as the work in it (figures: bench/README.md, "Taken"). What is asked for behind an
 * `await` is a command of its own. Where the command fails all of them do. `send` gives the outcomes in their order.
 */
export function createTogether(
  send: (batches: readonly Batch[]) => Promise<readonly Outcome[]>,
): (operations: Batch) => Promise<Outcome[]> {
  let waiting: Waiting[] = [];

  async function flush(): Promise<void> {
    const sent = waiting;
    waiting = [];
    try {
      const outcomes = await send(sent.map(({ operations }) => operations));
      let from = 0;
      for (const { operations, done } of sent) {
        done(outcomes.slice(from, from + operations.length));
        from += operations.length;
      }
    } catch (error) {
      for (const { failed } of sent) failed(error);
    }
  }

  return (operations) =>
    new Promise((done, failed) => {
      // Behind what runs now, and before anything is waited for.
      if (waiting.push({ operations, done, failed }) === 1) queueMicrotask(flush);
    });
}
