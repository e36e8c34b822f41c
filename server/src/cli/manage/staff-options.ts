import { UsageError } from "../terminal/read-arguments.ts";

/** A reason says something. */
export const shortestReason = 4;

/** Error: UsageError for none, or one that says nothing. */
export function checkReason(reason: string): void {
  if (reason.trim().length < shortestReason)
    throw new UsageError("请用 --reason 写明理由。", "Say by --reason why.");
}

/** Epoch milliseconds; null where none is given. Error: UsageError for what is no time. */
export function readUntil(until: string | undefined): number | null {
  const end = until === undefined ? null : Date.parse(until);
  if (Number.isNaN(end))
    throw new UsageError(`--until 不是时间：${until}。`, `--until is no time: ${until}.`);
  return end;
}
