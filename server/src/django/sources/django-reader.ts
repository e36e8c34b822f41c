import { ToldError } from "../../errors/told-error.ts";

/**
 * Reading a Django database, whatever engine it lives in. Promise: read only, one consistent snapshot from
 * `open` to `close` (users who sign up there meanwhile are seen by the next import), values as the engine
 * gives them: times as text in UTC, flags and numbers as numbers, booleans or text.
 */
export type Row = Readonly<Record<string, unknown>>;

export interface DjangoReader {
  /** For messages; never holds a password. */
  readonly description: string;
  /** Of a dump: its models that nothing here reads, each with its number of objects. */
  readonly unread?: ReadonlyMap<string, number>;
  /** Every table with its columns. */
  tables(): Promise<Map<string, ReadonlySet<string>>>;
  /** Runs a query with `?` for its parameters. */
  all(sql: string, parameters?: readonly (string | number)[]): Promise<Row[]>;
  /** A name as it is in SQL. */
  quote(name: string): string;
  close(): Promise<void>;
}

/** Something about the source that the operator has to put right. */
export class SourceError extends ToldError {}

export function unreachable(server: string, error: unknown): SourceError {
  const reason = reasonOf(error);
  return new SourceError(`无法连接 ${server}：${reason}`, `${server} can't be reached: ${reason}`);
}

/** What an engine says while the source is read is for the operator too: no right to a table, a lost connection. */
export async function whileReading<Result>(
  source: string,
  work: () => Promise<Result> | Result,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const reason = reasonOf(error);
    throw new SourceError(
      `读取 ${source} 失败：${reason}。处理后再运行一次即可，会从中断处继续。`,
      `Reading ${source} failed: ${reason}. Put it right and run it again; it goes on where it was.`,
    );
  }
}

/** Where several addresses of one host were tried, the reasons are inside. */
function reasonOf(error: unknown): string {
  const { message, errors, code } = error as { message: string; errors?: Error[]; code?: string };
  return message || errors?.map((one) => one.message).join("; ") || code || "unknown";
}
