import type { DjangoReader, Row } from "../sources/django-reader.ts";
import { SourceError } from "../sources/django-reader.ts";

/**
 * An old Django service's database, to be written to: whatever engine it lives in, one transaction at a time. Values go
 * in and come out as the engine takes them from text and numbers: flags as 0 and 1, times as text in UTC.
 */
export interface SyncTarget extends Pick<DjangoReader, "description" | "tables" | "quote" | "close" | "all"> {
  /** The columns that a new row has to have a value for: not null, without a default, and not counted by the engine. */
  neededColumns(table: string): Promise<readonly string[]>;
  /** Runs a statement with `?` for its parameters. */
  run(sql: string, parameters: readonly (string | number | null)[]): Promise<void>;
  /** All of what `work` runs, or none of it. */
  transaction(work: () => Promise<void>): Promise<void>;
  /** Lets the engine count on behind ids that were written out, so that the service's own next row is not refused. */
  countOn(table: string): Promise<void>;
}

/** What an engine says while it is written to is for the operator: no right to a table, a lost connection. */
export async function whileWriting<Result>(
  target: string,
  work: () => Promise<Result> | Result,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SourceError) throw error;
    const reason = (error as Error).message;
    throw new SourceError(
      `写入 ${target} 失败：${reason}。处理后再运行一次即可，已写入的不会重复。`,
      `Writing to ${target} failed: ${reason}. Put it right and run it again; what was written is not written twice.`,
    );
  }
}

/** Engines say yes in many words. */
export const isTrue = (value: Row[string]): boolean => ["1", "t", "true", "YES"].includes(String(value));

export const valuesOf = (rows: readonly Row[], column: string): readonly string[] =>
  rows.map((row) => String(row[column]));
