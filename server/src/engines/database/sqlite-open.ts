import { closeSync, openSync as openFile } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tellsLength, threadFailsAt, withoutThreadAt } from "./sqlite-checkpoints.ts";
import { isBusy } from "./sqlite-errors.ts";
import { lockTimeoutMs } from "./sqlite-lock.ts";

/** How a connection of each kind is opened on the file; sqlite.ts says what they are for. */

/** Not SQLite's own read-only mode: its connection would leave the two files beside it that it can't clear away. */
export function openToLook(file: string): DatabaseSync {
  const connection = new DatabaseSync(file, { timeout: 0 });
  connection.exec("pragma query_only = 1");
  return connection;
}

export function openToUse(file: string): DatabaseSync {
  if (file !== ":memory:") reserve(file);
  const connection = new DatabaseSync(file, { timeout: lockTimeoutMs, enableForeignKeyConstraints: true });
  withLockAwaited(() => connection.exec("pragma journal_mode = wal"));
  const commitDoesAt = tellsLength ? threadFailsAt : withoutThreadAt;
  connection.exec(
    `pragma synchronous = normal; pragma secure_delete = on; pragma cache_size = -16000; pragma wal_autocheckpoint = ${commitDoesAt}`,
  );
  // From here on nothing waits inside a call: sqlite-lock.ts does.
  connection.exec("pragma busy_timeout = 0");
  return connection;
}

/**
 * For the one statement that SQLite refuses at once instead of waiting for another's lock: the switch of a new file
 * to WAL (two processes that start together on an empty folder; guard: race/open-database.race.test.ts).
 */
function withLockAwaited(statement: () => void): void {
  const until = performance.now() + lockTimeoutMs;
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      statement();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error;
      Atomics.wait(clock, 0, 0, 10);
    }
  }
}

/**
 * A new file is its owner's alone, whatever the folder's or the umask's rights: it holds password hashes. SQLite
 * gives the files beside it the same mode.
 */
function reserve(file: string): void {
  try {
    closeSync(openFile(file, "ax", 0o600));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST" && code !== "ENOENT") throw error;
  }
}
