import { Kysely, PostgresDialect, type PostgresPool } from "kysely";
import pg from "pg";
import type { CompiledStatement, Database, Db, Statement } from "./database.ts";
import type { Tables } from "./tables.ts";

/** PostgreSQL through `pg`: named prepared statements on a pool. */
export interface PostgresOptions {
  readonly url: string;
  readonly poolSize: number;
  /** Milliseconds to wait for a connection of the pool, or for a new one. */
  readonly connectionTimeoutMillis: number;
  /** Milliseconds after which the server ends a statement. */
  readonly statementTimeoutMillis: number;
}

// int8 as a number: ids and epoch milliseconds stay below 2^53.
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    oid === 20 ? Number : pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser,
};

export function openPostgres(options: PostgresOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize,
    connectionTimeoutMillis: options.connectionTimeoutMillis,
    statement_timeout: options.statementTimeoutMillis,
    types,
  });
  // A connection that breaks while idle emits here; the pool replaces it, and the next query tells.
  pool.on("error", () => {});

  const kysely = kyselyOn(pool);
  return {
    ...queriesOn("pool", pool, kysely),
    async transaction(work) {
      const client = await pool.connect();
      let broken = false;
      try {
        await client.query("begin");
        const single = {
          connect: async () => ({ query: client.query.bind(client), release() {} }),
          end: async () => {},
        };
        const db: Db = {
          ...queriesOn("transaction", client, kyselyOn(single as unknown as PostgresPool)),
          transaction: (inner) => inner(db),
        };
        const result = await work(db);
        await client.query("commit");
        return result;
      } catch (error) {
        await client.query("rollback").catch(() => {
          broken = true;
        });
        throw error;
      } finally {
        client.release(broken);
      }
    },
    async ping() {
      await pool.query("select 1");
    },
    close: () => pool.end(),
  };
}

function kyselyOn(pool: PostgresPool): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

function queriesOn(
  _scope: string,
  client: pg.Pool | pg.PoolClient,
  kysely: Kysely<Tables>,
): Omit<Db, "transaction"> {
  const run = async (name: string, compiled: CompiledStatement, values: unknown) =>
    (
      await client.query({
        name,
        text: compiled.sql,
        values: compiled.bind(values as Record<string, unknown>),
      })
    ).rows;
  return {
    engine: "postgres",
    kysely,
    all: <Values, Row>(statement: Statement<Values, Row>, values: Values) =>
      run(statement.name, statement.compiled("postgres"), values) as Promise<Row[]>,
    first: async <Values, Row>(statement: Statement<Values, Row>, values: Values) =>
      ((await run(statement.name, statement.compiled("postgres"), values))[0] ?? null) as Row | null,
  };
}
