import { AppError } from "../errors/errors.ts";
import { createFairWaiting, type Holder } from "./fair-waiting.ts";

/**
 * Lets at most `concurrency` hashes run and at most `limit` wait; where that is null, as many as get their turn within six
 * tenths of a second. Promises: whoever is beyond that is refused at once (`busy`, with the seconds after which it is worth
 * trying again); nobody waits without end, and no client keeps another out (fair-waiting.ts). Each running hash holds 19 MiB and
 * a thread: more at once than cores is slower in total (measured: memory bandwidth), and threads beyond libuv's pool would only queue
 * behind file and DNS work.
 */
export interface HashQueue {
  run<Result>(work: () => Promise<Result>, holder: Holder): Promise<Result>;
  /** For metrics. `refused` and `finished` count since the start. */
  stats(): { running: number; waiting: number; refused: number; finished: number };
}

/** One that waits for its turn. */
interface Waiter {
  begin(): void;
  refuse(error: AppError): void;
}

/**
 * Who waits longer for a turn is told to come again instead: an answer, hash and all, comes within a second (attack: a flood of
 * log-ins behind which everybody waits; guard: hash-queue.test.ts, measured by bench/overload). So slower hashes and machines have
 * shorter queues.
 */
const longestWaitMs = 600;
/** By the above alone a legacy hash of a second would let nobody wait. */
const fewestPerRunning = 4;

/** `afterFirst` is called once, when the threads that hash have been made. */
export function createHashQueue(concurrency: number, limit: number | null, afterFirst = () => {}): HashQueue {
  const waiting = createFairWaiting<Waiter>(places);
  let running = 0;
  let refused = 0;
  let finished = 0;
  /** Moving average of how long one holds its place: for the queue's length, and the advice in Retry-After. */
  let averageMs = 15;

  function places(): number {
    if (limit !== null) return limit;
    const inTime = Math.floor((concurrency * longestWaitMs) / averageMs);
    return Math.max(inTime, concurrency * fewestPerRunning);
  }

  function busy(): AppError {
    refused++;
    const seconds = Math.ceil((averageMs * waiting.size) / concurrency / 1000);
    return new AppError("busy", { retryAfterSeconds: Math.min(60, Math.max(1, seconds)) });
  }

  function turn(holder: Holder): Promise<void> {
    return new Promise((begin, refuse) => waiting.add({ begin, refuse }, holder)?.refuse(busy()));
  }

  return {
    async run(work, holder) {
      if (running < concurrency) running++;
      // The slot is handed over by the one who leaves it, so `running` stays as it is.
      else await turn(holder);
      const begin = performance.now();
      try {
        return await work();
      } finally {
        averageMs += (performance.now() - begin - averageMs) / 16;
        if (finished++ === 0) afterFirst();
        const next = waiting.next();
        if (next) next.begin();
        else running--;
      }
    },
    stats: () => ({ running, waiting: waiting.size, refused, finished }),
  };
}
