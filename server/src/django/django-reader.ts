/**
 * Reading a Django database, whatever engine it lives in. Promise: read only, one consistent snapshot from
 * `open` to `close` (users who sign up there meanwhile are seen by the next import), values as the engine
 * gives them: times as text in UTC, flags and numbers as numbers, booleans or text.
 */
export type Row = Readonly<Record<string, unknown>>;

export interface DjangoReader {
  /** For messages; never holds a password. */
  readonly description: string;
  /** Every table with its columns. */
  tables(): Promise<Map<string, ReadonlySet<string>>>;
  /** Runs a query with `?` for its parameters. */
  all(sql: string, parameters?: readonly (string | number)[]): Promise<Row[]>;
  /** A name as it stands in SQL. */
  quote(name: string): string;
  close(): Promise<void>;
}

/** Something about the source that the operator has to put right; its message is for them. */
export class SourceError extends Error {
  override readonly name = "SourceError";
}
