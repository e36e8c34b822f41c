import { closeSync, openSync as openFile } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { Database, Db, Statement } from "./database.ts";
import { isBusy, translatedSqlite } from "./sqlite-errors.ts";
import { lockTimeoutMs, whenUnlocked } from "./sqlite-lock.ts";
import { SqliteWriter } from "./sqlite-writer.ts";
import type { Tables } from "./tables.ts";

/**
 * SQLite through node:sqlite. Two connections: one writer (sqlite-writer.ts), whose queue
 * keeps an asynchronous transaction from mixing with another caller's statements, and one reader that sees only what is committed.
 * node:sqlite is synchronous: two writers of one process waiting for each other's lock would stop the event
 * loop for good, hence exactly one.
 *
 * synchronous=NORMAL with WAL: a killed process loses nothing that was committed; a power cut may lose the
 * last moments but never damages the file. See docs/adr/0003.
 */
export function openSqlite(file: string): Database {
  const writer = open(file);
  // A database in memory belongs to its connection, so there the reader is the writer.
  const reader = file === ":memory:" ? writer : open(file);
  const writes = new SqliteWriter(writer);
  const held = new StatementCache(writer);
  const read = new StatementCache(reader);
  const inTransaction = kyselyOn(held, async () => () => {});
  const pooled = kyselyOn(held, () => writes.acquire());

  const transactionDb: Db = {
    engine: "sqlite",
    kysely: inTransaction,
    all: async (statement, values) => {
      const { sql, bind } = statement.compiled("sqlite");
      return held.get(sql).all(...(bind(values as Record<string, unknown>) as SQLInputValue[])) as never;
    },
    first: async (statement, values) => {
      const { sql, bind } = statement.compiled("sqlite");
      const row = held.get(sql).get(...(bind(values as Record<string, unknown>) as SQLInputValue[]));
      return (row ?? null) as never;
    },
    transaction: (work) => work(transactionDb),
  };

  /** Reads at once on their own connection; writes wait for the one writer. */
  async function execute<Values, Row>(
    statement: Statement<Values, Row>,
    values: Values,
    run: (prepared: StatementSync, bound: SQLInputValue[]) => unknown,
  ): Promise<unknown> {
    const { sql, bind } = statement.compiled("sqlite");
    const bound = bind(values as Record<string, unknown>) as SQLInputValue[];
    const isRead = reader !== writer && sql.startsWith("select");
    if (isRead) {
      // Without a promise: readers of a WAL wait for nobody but who holds the whole file (exclusive mode, recovery).
      try {
        return run(read.get(sql), bound);
      } catch (error) {
        if (!isBusy(error)) throw error;
      }
    }
    try {
      if (isRead) return await whenUnlocked(() => run(read.get(sql), bound), performance.now());
      return await writes.run(() => run(held.get(sql), bound), { savepoint: false });
    } catch (error) {
      throw translatedSqlite(error);
    }
  }

  return {
    engine: "sqlite",
    kysely: pooled,
    all: (statement, values) =>
      execute(statement, values, (prepared, bound) => prepared.all(...bound)) as never,
    first: (statement, values) =>
      execute(statement, values, (prepared, bound) => prepared.get(...bound) ?? null) as never,
    async transaction(work) {
      try {
        return await writes.run(() => work(transactionDb), { savepoint: true });
      } catch (error) {
        throw translatedSqlite(error);
      }
    },
    async ping() {
      reader.prepare("select 1").get();
    },
    stats: () => ({ open: reader === writer ? 1 : 2, idle: 0, waiting: writes.waiting }),
    async close() {
      const release = await writes.acquire();
      if (reader !== writer) reader.close();
      writer.close();
      release();
    },
  };
}

function open(file: string): DatabaseSync {
  if (file !== ":memory:") reserve(file);
  const connection = new DatabaseSync(file, { timeout: lockTimeoutMs, enableForeignKeyConstraints: true });
  withLockAwaited(() => connection.exec("pragma journal_mode = wal"));
  // Checkpoints write each changed page once and sync the file: rarer ones, of 16 MB, write the busy pages less often.
  connection.exec(
    "pragma synchronous = normal; pragma cache_size = -16000; pragma wal_autocheckpoint = 4000",
  );
  // From here on nothing waits inside a call: sqlite-lock.ts does.
  connection.exec("pragma busy_timeout = 0");
  return connection;
}

/**
 * For the one statement that SQLite refuses at once instead of waiting for another's lock: the switch of a new file
 * to WAL (two processes that start together on an empty folder; guard: race/open-database.race.test.ts).
 */
function withLockAwaited(statement: () => void): void {
  const until = performance.now() + lockTimeoutMs;
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      statement();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error;
      Atomics.wait(clock, 0, 0, 10);
    }
  }
}

/**
 * A new file is its owner's alone, whatever the folder's or the umask's rights: it holds password hashes. SQLite
 * gives the files beside it the same mode.
 */
function reserve(file: string): void {
  try {
    closeSync(openFile(file, "ax", 0o600));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST" && code !== "ENOENT") throw error;
  }
}

class StatementCache {
  readonly connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(connection: DatabaseSync) {
    this.connection = connection;
  }

  get(sql: string): StatementSync {
    let prepared = this.#statements.get(sql);
    if (!prepared) {
      // Queries with lists of varying length would grow the cache without end.
      if (this.#statements.size >= 500) this.#statements.clear();
      prepared = this.connection.prepare(sql);
      this.#statements.set(sql, prepared);
    }
    return prepared;
  }
}

function kyselyOn(statements: StatementCache, acquire: () => Promise<() => void>): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new NodeSqliteDriver(statements, acquire),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}

class NodeSqliteDriver implements Driver {
  readonly #statements: StatementCache;
  readonly #acquire: () => Promise<() => void>;
  readonly #releases = new WeakMap<DatabaseConnection, () => void>();

  constructor(statements: StatementCache, acquire: () => Promise<() => void>) {
    this.#statements = statements;
    this.#acquire = acquire;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const release = await this.#acquire();
    const connection = new NodeSqliteConnection(this.#statements);
    this.#releases.set(connection, release);
    return connection;
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    this.#releases.get(connection)?.();
  }

  // Transactions are opened by Db.transaction alone, which holds the writer for their whole length.
  async beginTransaction(): Promise<void> {
    throw new Error("use Db.transaction");
  }
  async commitTransaction(): Promise<void> {}
  async rollbackTransaction(): Promise<void> {}
  async destroy(): Promise<void> {}
}

class NodeSqliteConnection implements DatabaseConnection {
  readonly #statements: StatementCache;

  constructor(statements: StatementCache) {
    this.#statements = statements;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const parameters = query.parameters as SQLInputValue[];
    const execute = () => {
      const prepared = this.#statements.get(query.sql);
      if (prepared.columns().length > 0) return { rows: prepared.all(...parameters) as Row[] };
      const { changes, lastInsertRowid } = prepared.run(...parameters);
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    };
    try {
      return await whenUnlocked(execute, performance.now());
    } catch (error) {
      throw translatedSqlite(error);
    }
  }

  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    const prepared = this.#statements.connection.prepare(query.sql);
    for (const row of prepared.iterate(...(query.parameters as SQLInputValue[])))
      yield { rows: [row as Row] };
  }
}
