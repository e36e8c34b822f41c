import { AppError } from "../../errors/errors.ts";

/**
 * Which failures of PostgreSQL mean "not now" (503, try again) as opposed to a mistake of ours or a broken
 * constraint. SQLSTATE classes: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const passingStates = new Set([
  "57P01", // admin_shutdown
  "57P02", // crash_shutdown
  "57P03", // cannot_connect_now: starting up or in recovery
  "57P05", // idle_session_timeout
  "57014", // query_canceled: statement_timeout
  "55P03", // lock_not_available
  "40001", // serialization_failure
  "40P01", // deadlock_detected
  "25006", // read_only_sql_transaction: an old primary after a fail-over
  "25P03", // idle_in_transaction_session_timeout
]);
// 08 connection exception, 53 insufficient resources (disk full, too many connections), 58 system error.
const passingClasses = new Set(["08", "53", "58"]);
const socketCodes = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"],
  ...["ENOTFOUND", "EAI_AGAIN", "ENOENT"],
]);
// PgBouncer gives all it says itself 08P01, a full pool as well as a setting it will never take; its words tell.
const refusedStart = /^unsupported startup parameter/;
// pg gives these no code; they are its own constants, not the server's texts.
const clientMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|timeout expired|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/;

/** Whether the connection can't be trusted any more and must not go back to the pool. */
export function breaksConnection(error: unknown): boolean {
  const code = codeOf(error);
  if (isOutdated(error) || code === "57014" || code.startsWith("40") || code === "55P03" || code === "25006")
    return false;
  return isPassing(error);
}

/**
 * A prepared statement whose columns are others since a migration by another process: it did nothing, and is prepared anew for the next
 * one (postgres-query.ts). The words are in the server's language; the name of its function is not.
 */
export function isOutdated(error: unknown): boolean {
  if (codeOf(error) !== "0A000") return false;
  return (error as { routine?: unknown }).routine === "RevalidateCachedQuery";
}

/** AppError `unavailable` for a passing failure; anything else as it is. */
export function translated(error: unknown): unknown {
  if (error instanceof AppError || !isPassing(error)) return error;
  return new AppError("unavailable", { retryAfterSeconds: 2, cause: error });
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  if (isOutdated(error) || passingStates.has(code) || socketCodes.has(code)) return true;
  if (code === "08P01" && refusedStart.test(error.message)) return false;
  if (/^[0-9A-Z]{5}$/.test(code)) return passingClasses.has(code.slice(0, 2));
  // A host name with several addresses fails with all of their errors in one.
  if (error instanceof AggregateError) return error.errors.some(isPassing);
  return clientMessages.test(error.message);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
