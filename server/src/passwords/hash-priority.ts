import { readdirSync, readFileSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

/** Steps of nice(2): of two threads that both want the core the event loop gets three quarters. */
const niceness = 5;

/**
 * Makes the threads that hash give way to the event loop, so that a machine that is busy with log-ins goes on
 * answering everything else at once (measured by `npm run bench`: "user-name count while log-ins saturate"). A hash
 * takes tens of milliseconds, and nobody sees it take a few more. Returns how many threads it reached: none where
 * the system doesn't name them, which only costs that promise.
 *
 * The threads are libuv's pool (libuv names them), which exists after the first hash; reading files and looking up
 * hosts share it. Linux counts priorities by thread (setpriority(2), "C library/kernel differences").
 */
export function giveWayToEventLoop(): number {
  if (process.platform !== "linux") return 0;
  const below = Math.min(19, getPriority() + niceness);
  let reached = 0;
  for (const thread of readdirSync("/proc/self/task")) {
    if (nameOf(thread) !== "libuv-worker") continue;
    setPriority(Number(thread), below);
    reached++;
  }
  return reached;
}

/** Null for a thread that ended while the list was read. */
function nameOf(thread: string): string | null {
  try {
    return readFileSync(`/proc/self/task/${thread}/comm`, "utf8").trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return null;
    throw error;
  }
}
