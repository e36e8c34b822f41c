import { setTimeout as sleep } from "node:timers/promises";
import { isBusy } from "./sqlite-errors.ts";

/**
 * Waiting for a lock that another process holds on the file (a person in `sqlite3`, a VACUUM, a backup). SQLite's own
 * time-out waits inside the call, and node:sqlite's calls are synchronous: the whole process would stand still for as
 * long, /healthz too. So connections are set not to wait, and the waiting is done here, between turns of the event
 * loop (guard: sqlite-lock.test.ts).
 */

/** How long a statement waits for another process's lock, in milliseconds. */
export const lockTimeoutMs = 5000;

/** Pauses between tries in milliseconds, as SQLite's own handler begins; the last one repeats. */
const pauses = [1, 2, 5, 10, 15, 20, 25];

/**
 * Runs the statement again until it isn't refused for a lock; rejects with SQLITE_BUSY once the lock time-out has passed
 * since `since` (by performance.now()), after one try at the least: whoever has waited in a queue has waited for that lock.
 */
export async function whenUnlocked<Result>(statement: () => Result, since: number): Promise<Result> {
  for (let tries = 0; ; tries++) {
    try {
      return statement();
    } catch (error) {
      if (!isBusy(error) || performance.now() - since > lockTimeoutMs) throw error;
    }
    await sleep(pauses[Math.min(tries, pauses.length - 1)]);
  }
}
