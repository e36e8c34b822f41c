import type { CompiledQuery, Kysely } from "kysely";
import { type EngineName, nullKysely } from "./null-kysely.ts";
import type { Tables } from "./tables.ts";

/**
 * The database as the domain sees it: the pool, or one transaction of it; both have this one shape, so a
 * store function works in either. Promise: what a resolved transaction wrote is committed and survives the
 * process being killed; nothing of a rejected one is kept.
 */
export interface Db {
  readonly engine: EngineName;
  /** Queries built at run time; 40-70 us of building each, so hot paths use a `statement` instead. */
  readonly kysely: Kysely<Tables>;
  /** Runs a prepared statement and returns its rows. */
  all<Values, Row>(statement: Statement<Values, Row>, values: Values): Promise<Row[]>;
  /** The first row or null. */
  first<Values, Row>(statement: Statement<Values, Row>, values: Values): Promise<Row | null>;
  /**
   * Runs `work` in a transaction. Inside it use only the `transaction` it is given, which is an object of its own
   * each time. No network, hashing or mail inside: on SQLite a transaction holds the one writer. Calling it on a transaction joins that one.
   */
  transaction<Result>(
    work: (transaction: Db) => Promise<Result>,
    options?: TransactionOptions,
  ): Promise<Result>;
}

export interface TransactionOptions {
  /** Without the engine's time limits: for migrations and moves of data, never for requests. */
  readonly untimed?: boolean;
}

export interface Database extends Db {
  /** Rejects when the engine can't be reached. */
  ping(): Promise<void>;
  /**
   * A request was read from a socket. Reads of the same turn of the event loop may share what they see; none misses what was
   * committed before its request came.
   */
  turnBegan?(): void;
  /**
   * What was deleted and committed before is soon gone from the engine's own log beside the file, too; nothing where the engine is
   * a server of the operator's. Rejects never.
   */
  forgetDeleted?(): Promise<void>;
  /** Connections open, unused, and callers waiting for one. */
  stats(): { readonly open: number; readonly idle: number; readonly waiting: number };
  close(): Promise<void>;
}

/** A query built once per engine and then only executed, with named values. */
export interface Statement<Values, Row> {
  readonly name: string;
  compiled(engine: EngineName): CompiledStatement;
  /** Types only. */
  readonly rowType?: Row;
  readonly valuesType?: Values;
}

export interface CompiledStatement {
  readonly sql: string;
  /** Fills the positions of the SQL's parameters from the named values. */
  bind(values: Record<string, unknown>): unknown[];
}

/**
 * Declares a statement: `statement("users.byId", (db, values: { id: number }) => db.selectFrom(…))`.
 * `build` runs once per engine with stand-ins for the values, which may only be passed on as parameters.
 */
export function statement<Values extends object, Row>(
  name: string,
  build: (
    db: Kysely<Tables>,
    values: Values,
    engine: EngineName,
  ) => { compile(): CompiledQuery<Row> } | CompiledQuery<Row>,
): Statement<Values, Row> {
  const cache = new Map<EngineName, CompiledStatement>();
  return {
    name,
    compiled(engine) {
      const known = cache.get(engine);
      if (known) return known;
      const standIns = new Proxy({}, { get: (_, field) => new StandIn(String(field)) }) as Values;
      const built = build(nullKysely(engine), standIns, engine);
      const { sql, parameters } = "compile" in built ? built.compile() : built;
      const fields = parameters.map((value) => (value instanceof StandIn ? value.field : null));
      const compiled: CompiledStatement = {
        sql,
        bind: (values) => {
          const bound = new Array<unknown>(fields.length);
          for (let i = 0; i < fields.length; i++) {
            const field = fields[i] as string | null;
            bound[i] = field === null ? parameters[i] : values[field];
          }
          return bound;
        },
      };
      cache.set(engine, compiled);
      return compiled;
    },
  };
}

class StandIn {
  readonly field: string;
  constructor(field: string) {
    this.field = field;
  }
}
