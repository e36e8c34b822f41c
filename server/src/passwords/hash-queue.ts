import { AppError } from "../lib/errors.ts";

/**
 * Lets at most `concurrency` hashes run and at most `limit` wait. Promise: whoever is beyond that is told so
 * at once (`busy`, with the seconds after which it is worth trying again); nobody waits without end. Each
 * running hash holds 19 MiB and a thread: more at once than cores is slower in total (measured: memory
 * bandwidth), and threads beyond libuv's pool would only queue behind file and DNS work.
 */
export interface HashQueue {
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  /** For metrics. `refused` and `finished` count since the start. */
  stats(): { running: number; waiting: number; refused: number; finished: number };
}

/** `afterFirst` is called once, when the threads that hash have been made. */
export function createHashQueue(concurrency: number, limit: number, afterFirst = () => {}): HashQueue {
  const waiting: (() => void)[] = [];
  let running = 0;
  let refused = 0;
  let finished = 0;
  /** Moving average of one hash's duration, for the advice in Retry-After. */
  let averageMs = 50;

  function refuse(): never {
    refused++;
    const seconds = Math.ceil((averageMs * waiting.length) / concurrency / 1000);
    throw new AppError("busy", { retryAfterSeconds: Math.min(60, Math.max(1, seconds)) });
  }

  return {
    async run(work) {
      if (running < concurrency) running++;
      else if (waiting.length >= limit) refuse();
      // The slot is handed over by the one who leaves it, so `running` stays as it is.
      else await new Promise<void>((resolve) => waiting.push(resolve));
      const begin = performance.now();
      try {
        return await work();
      } finally {
        averageMs += (performance.now() - begin - averageMs) / 16;
        if (finished++ === 0) afterFirst();
        const next = waiting.shift();
        if (next) next();
        else running--;
      }
    },
    stats: () => ({ running, waiting: waiting.length, refused, finished }),
  };
}
