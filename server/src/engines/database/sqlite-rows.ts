import type { DatabaseSync, SQLInputValue, StatementResultingChanges } from "node:sqlite";
import { type Row, rowMaker } from "./row-maker.ts";

/** A prepared query of one connection. */
export interface Prepared {
  /** Whether it gives rows: a select, or a write that returns some. */
  readonly givesRows: boolean;
  all(values: readonly SQLInputValue[]): Row[];
  /** The first row, or null. */
  first(values: readonly SQLInputValue[]): Row | null;
  /** Of one that gives no rows. */
  run(values: readonly SQLInputValue[]): StatementResultingChanges;
}

type Values = readonly unknown[];

/**
 * Prepares a query whose rows are made here (row-maker.ts): node:sqlite's own take half as long again.
 */
export function prepare(connection: DatabaseSync, sql: string): Prepared {
  const prepared = connection.prepare(sql);
  const names = prepared.columns().map(({ name }) => name);
  const common = {
    givesRows: names.length > 0,
    run: (values: readonly SQLInputValue[]) => prepared.run(...values),
  };
  // A query that names its columns keeps them, whatever becomes of the table; `*` is what the table has at each reading.
  if (names.length === 0 || sql.includes("*") || !("setReturnArrays" in prepared)) {
    return {
      ...common,
      all: (values) => prepared.all(...values),
      first: (values) => prepared.get(...values) ?? null,
    };
  }
  prepared.setReturnArrays(true);
  const rowOf = rowMaker(names);
  return {
    ...common,
    all: (values) => (prepared.all(...values) as unknown as Values[]).map(rowOf),
    first(values) {
      const found = prepared.get(...values) as unknown as Values | undefined;
      return found === undefined ? null : rowOf(found);
    },
  };
}
