import { AppError } from "../../errors/errors.ts";
import { refusedByMark } from "./move-mark.ts";

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

/** SQLITE_CONSTRAINT_TRIGGER: a trigger refused. */
const refusedByTrigger = 1811;

/**
 * AppError `unavailable` for a passing failure, and for a write to a database that was moved away, whose cause says so;
 * anything else as it is.
 */
export function translatedSqlite(error: unknown): unknown {
  if (error instanceof Error && "errcode" in error && error.errcode === refusedByTrigger) {
    const cause = refusedByMark(error.message);
    if (cause !== null) return new AppError("unavailable", { retryAfterSeconds: 2, cause });
  }
  return passing.has(resultCode(error))
    ? new AppError("unavailable", { retryAfterSeconds: 2, cause: error })
    : error;
}

function resultCode(error: unknown): number {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
}
