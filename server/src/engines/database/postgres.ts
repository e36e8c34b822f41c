import { Kysely, PostgresDialect, type PostgresPool } from "kysely";
import pg from "pg";
import { within } from "../../kernel/within.ts";
import type { Database, Db, Statement, TransactionOptions } from "./database.ts";
import { breaksConnection, translated } from "./postgres-errors.ts";
import { type NamedQuery, queryAnewOn, queryOn } from "./postgres-query.ts";
import { PostgresReader } from "./postgres-reader.ts";
import type { Tables } from "./tables.ts";

/**
 * PostgreSQL through `pg`: named prepared statements; writes and transactions on a pool, reads outside
 * transactions pipelined on connections of their own. Promise: while the server is away, slow or frozen a
 * call rejects with AppError `unavailable` within two seconds, and the next call after it is back succeeds.
 */
export interface PostgresOptions {
  /** `postgres://user:password@host:5432/name?sslmode=verify-full&sslrootcert=…`; pg honours its TLS options. */
  readonly url: string;
  /** Connections for writes and transactions; one more is for reads. */
  readonly poolSize: number;
  /** Milliseconds to wait for a connection of the pool, or for a new one; default 900. */
  readonly connectionTimeoutMillis?: number | undefined;
  /** Milliseconds a prepared statement may take; default 1000. With the above it stays below two seconds. */
  readonly statementTimeoutMillis?: number;
  /** Milliseconds a query built at run time (staff lists) may take; default 5000. */
  readonly queryTimeoutMillis?: number;
}

// int8 as a number: ids and epoch milliseconds stay below 2^53.
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    oid === 20 ? Number : pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser,
};

/** Milliseconds until a query is given up on this side too, which the server can't do when it is frozen. */
interface Limits {
  readonly statement: number;
  readonly query: number;
}

type Runner = (query: NamedQuery) => Promise<unknown[]>;
type TimedQuery = pg.QueryConfig & { query_timeout?: number };

export function openPostgres(options: PostgresOptions): Database {
  const limits: Limits = {
    statement: options.statementTimeoutMillis ?? 1000,
    query: options.queryTimeoutMillis ?? 5000,
  };
  const connection: pg.ClientConfig = {
    connectionString: options.url,
    application_name: "meiduo-accounts",
    connectionTimeoutMillis: options.connectionTimeoutMillis ?? 900,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    statement_timeout: limits.query,
    // A process that hangs inside a transaction must not hold its locks for ever.
    idle_in_transaction_session_timeout: 30_000,
    types,
  };
  const pool = new pg.Pool({ ...connection, max: options.poolSize, idleTimeoutMillis: 30_000 });
  // A connection that breaks while idle emits here; the pool replaces it, and the next query tells.
  pool.on("error", () => {});
  // One that breaks in use emits on itself, and the pool listens only while it is idle: without this listener a
  // PostgreSQL that stops between two queries of a transaction ends the process. Its next query tells.
  pool.on("connect", (client) => client.on("error", () => {}));
  const reader = new PostgresReader(connection);

  const onPool: Runner = async (query) => {
    const client = await pool.connect();
    let broken = false;
    try {
      return await queryAnewOn(client, query);
    } catch (error) {
      broken = breaksConnection(error);
      throw error;
    } finally {
      client.release(broken);
    }
  };

  return {
    engine: "postgres",
    kysely: kyselyOn(async () => {
      const client = await translating(() => pool.connect());
      return { client, release: (error) => client.release(breaksConnection(error)) };
    }, limits.query),
    ...statementsOn(
      (query) => (query.text.startsWith("select") ? reader.query(query) : onPool(query)),
      limits,
    ),
    transaction: (work, transactionOptions) => inTransaction(pool, limits, work, transactionOptions ?? {}),
    async ping() {
      await translating(() =>
        onPool({ name: "ping", text: "select 1", values: [], query_timeout: limits.statement }),
      );
    },
    stats: () => ({ open: pool.totalCount + 1, idle: pool.idleCount, waiting: pool.waitingCount }),
    async close() {
      // A server that hangs answers no good-bye, and a connection in use is waited for.
      await within(2000, Promise.all([pool.end(), reader.close()]));
    },
  };
}

async function inTransaction<Result>(
  pool: pg.Pool,
  poolLimits: Limits,
  work: (transaction: Db) => Promise<Result>,
  { untimed }: TransactionOptions,
): Promise<Result> {
  const limits = untimed ? { statement: 0, query: 0 } : poolLimits;
  const client = await translating(() => pool.connect());
  const control = (text: string) => client.query({ text, query_timeout: limits.statement } as TimedQuery);
  let broken = false;
  try {
    await control("begin");
    if (untimed) {
      await control("set local statement_timeout = 0");
      await control("set local idle_in_transaction_session_timeout = 0");
    }
    const db: Db = {
      engine: "postgres",
      kysely: kyselyOn(async () => ({ client, release() {} }), limits.query),
      ...statementsOn((query) => queryOn(client, query), limits),
      transaction: (inner) => inner(db),
    };
    const result = await work(db);
    await control("commit");
    return result;
  } catch (error) {
    broken = breaksConnection(error) || breaksConnection((error as { cause?: unknown }).cause);
    if (!broken) {
      await control("rollback").catch(() => {
        broken = true;
      });
    }
    throw translated(error);
  } finally {
    client.release(broken);
  }
}

function statementsOn(run: Runner, limits: Limits): Pick<Db, "all" | "first"> {
  const rows = <Values, Row>(statement: Statement<Values, Row>, values: Values) => {
    const compiled = statement.compiled("postgres");
    return translating(() =>
      run({
        name: statement.name,
        text: compiled.sql,
        values: compiled.bind(values as Record<string, unknown>),
        query_timeout: limits.statement,
      }),
    ) as Promise<Row[]>;
  };
  return {
    all: rows,
    first: async (statement, values) => (await rows(statement, values))[0] ?? null,
  };
}

interface Lease {
  readonly client: pg.PoolClient;
  release(error?: unknown): void;
}

/** Kysely on leased connections, with a time limit per query and errors translated. */
function kyselyOn(lease: () => Promise<Lease>, timeoutMillis: number): Kysely<Tables> {
  const pool = {
    async connect() {
      const { client, release } = await lease();
      let failure: unknown;
      return {
        async query(text: string, values: unknown[]) {
          try {
            return await client.query({ text, values, query_timeout: timeoutMillis } as TimedQuery);
          } catch (error) {
            failure = error;
            throw translated(error);
          }
        },
        release: () => release(failure),
      };
    },
    end: async () => {},
  };
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: pool as unknown as PostgresPool }) });
}

async function translating<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw translated(error);
  }
}
