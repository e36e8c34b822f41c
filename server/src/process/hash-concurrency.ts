import { availableParallelism } from "node:os";

/**
 * How many password hashes run at once, and how many threads that takes. Known before anything else of the product,
 * because libuv makes its threads once.
 */

/** The most that HASH_CONCURRENCY may ask for. */
export const maxHashConcurrency = 64;

/** What files, look-ups of hosts and the like have of libuv's pool beside the hashes: its size by itself. */
const threadsForOthers = 4;

/**
 * Hashes at once by default: the processors this process may use, shared out among the API processes. More than
 * processors are slower in total (measured: memory bandwidth).
 */
export function defaultHashConcurrency(apiProcesses: number): number {
  return Math.max(1, Math.floor(availableParallelism() / apiProcesses));
}

/**
 * Threads of libuv's pool for a HASH_CONCURRENCY as it was written: one for each hash and four for what else runs
 * there. Hashes would take all of the usual four threads, and a file or a host's address would wait behind them
 * (measured: 16 hashes at once let it wait 660 ms, with 20 threads 80 ms).
 */
export function threadPoolSize(hashConcurrency: string | undefined): number {
  const asked = Number(hashConcurrency);
  // The configuration refuses what is not a number of hashes a moment later.
  const hashes =
    Number.isInteger(asked) && asked > 0 && asked <= maxHashConcurrency ? asked : defaultHashConcurrency(1);
  return hashes + threadsForOthers;
}
