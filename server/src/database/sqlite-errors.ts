import { AppError } from "../lib/errors.ts";

/**
 * Which failures of SQLite mean "not now" (503, try again). Primary result codes, the low byte of the
 * extended ones: https://www.sqlite.org/rescode.html
 */
const passing = new Set([
  5, // SQLITE_BUSY: another process holds the write lock longer than the time-out
  8, // SQLITE_READONLY: the file system was remounted, the file's mode changed
  10, // SQLITE_IOERR
  13, // SQLITE_FULL: the disk is full
  14, // SQLITE_CANTOPEN
]);

/** SQLITE_BUSY: another connection holds a lock. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === 5;
}

/** AppError `unavailable` for a passing failure; anything else as it is. */
export function translatedSqlite(error: unknown): unknown {
  return passing.has(resultCode(error))
    ? new AppError("unavailable", { retryAfterSeconds: 2, cause: error })
    : error;
}

function resultCode(error: unknown): number {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
}
