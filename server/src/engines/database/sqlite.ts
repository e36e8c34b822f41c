import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
} from "kysely";
import type { Database, Db, Statement } from "./database.ts";
import { createCheckpoints, tellsLength } from "./sqlite-checkpoints.ts";
import { LiteralLimits } from "./sqlite-compiler.ts";
import { isBusy, translatedSqlite } from "./sqlite-errors.ts";
import { whenUnlocked } from "./sqlite-lock.ts";
import { openToLook, openToUse } from "./sqlite-open.ts";
import { type Prepared, prepare } from "./sqlite-rows.ts";
import { TurnView } from "./sqlite-view.ts";
import { SqliteWriter } from "./sqlite-writer.ts";
import type { Tables } from "./tables.ts";

/**
 * SQLite through node:sqlite, with two connections. One is the writer (sqlite-writer.ts), whose queue keeps an
 * asynchronous transaction from mixing with another caller's statements. The other is the reader, for every select
 * outside a transaction: it sees only what is committed and waits for nobody; those of one turn share a view (sqlite-view.ts).
 * node:sqlite is synchronous: two writers of one process waiting for each other's lock would stop the event
 * loop for good, hence exactly one.
 *
 * synchronous=NORMAL with WAL: a killed process loses nothing that was committed; a power cut may lose the
 * last moments but never damages the file. See docs/adr/0003. The file has nothing that its tables have not (deleted-bytes.test.ts).
 */
export function openSqlite(file: string, { toLook = false }: OpenOptions = {}): Database {
  const writer = toLook ? openToLook(file) : openToUse(file);
  // A database in memory belongs to its connection, so there the reader is the writer.
  const reader = file === ":memory:" || toLook ? writer : openToUse(file);
  const readsAlone = reader !== writer || toLook;
  const checkpoints = reader !== writer && tellsLength ? createCheckpoints(file, writer) : null;
  const view = reader === writer ? null : new TurnView(reader);
  const committed = () => {
    view?.end();
    checkpoints?.committed();
  };
  const writes = new SqliteWriter(writer, committed);
  const held = new StatementCache(writer);
  const read = new StatementCache(reader);
  const inTransaction = kyselyOn({ statements: held, acquire: async () => () => {}, reads: null });
  const pooled = kyselyOn({
    statements: held,
    async acquire() {
      const release = await writes.acquire();
      return () => {
        committed();
        release();
      };
    },
    reads: readsAlone ? read : null,
  });

  const inOne: Omit<Db, "transaction"> = {
    engine: "sqlite",
    kysely: inTransaction,
    all: async <Values, Row>(statement: Statement<Values, Row>, values: Values) => {
      const { sql, bind } = statement.compiled("sqlite");
      return held.get(sql).all(bind(values as Record<string, unknown>) as SQLInputValue[]) as Row[];
    },
    first: async <Values, Row>(statement: Statement<Values, Row>, values: Values) => {
      const { sql, bind } = statement.compiled("sqlite");
      return held.get(sql).first(bind(values as Record<string, unknown>) as SQLInputValue[]) as Row | null;
    },
  };
  /** An object for each: who keeps something of a transaction finds nothing of the one before (events/events.ts). */
  function newTransaction(): Db {
    const one: Db = { ...inOne, transaction: (work) => work(one) };
    return one;
  }

  /** Reads at once on their own connection; writes wait for the one writer. */
  async function execute<Values, Row>(
    statement: Statement<Values, Row>,
    values: Values,
    run: (prepared: Prepared, bound: SQLInputValue[]) => unknown,
  ): Promise<unknown> {
    const { sql, bind } = statement.compiled("sqlite");
    const bound = bind(values as Record<string, unknown>) as SQLInputValue[];
    const isRead = readsAlone && sql.startsWith("select");
    if (isRead) {
      // Without a promise: readers of a WAL wait for nobody but who holds the whole file (exclusive mode, recovery).
      try {
        view?.beforeRead();
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
    all: <Values, Row>(statement: Statement<Values, Row>, values: Values) =>
      execute(statement, values, (prepared, bound) => prepared.all(bound)) as Promise<Row[]>,
    first: <Values, Row>(statement: Statement<Values, Row>, values: Values) =>
      execute(statement, values, (prepared, bound) => prepared.first(bound)) as Promise<Row | null>,
    async transaction(work) {
      try {
        return await writes.run(() => work(newTransaction()), { savepoint: true });
      } catch (error) {
        throw translatedSqlite(error);
      }
    },
    async ping() {
      reader.prepare("select 1").get();
    },
    turnBegan: () => view?.turnBegan(),
    forgetDeleted: async () => checkpoints?.truncate(),
    stats: () => ({ open: reader === writer ? 1 : 2, idle: 0, waiting: writes.waiting }),
    async close() {
      const release = await writes.acquire();
      await checkpoints?.stop();
      view?.end();
      if (reader !== writer) reader.close();
      writer.close();
      release();
    },
  };
}

interface OpenOptions {
  /** On one connection that refuses every write and sets nothing of the file, which must be there. */
  readonly toLook?: boolean;
}

class StatementCache {
  readonly connection: DatabaseSync;
  readonly #statements = new Map<string, Prepared>();

  constructor(connection: DatabaseSync) {
    this.connection = connection;
  }

  get(sql: string): Prepared {
    let prepared = this.#statements.get(sql);
    if (!prepared) {
      // Queries with lists of varying length would grow the cache without end.
      if (this.#statements.size >= 500) this.#statements.clear();
      prepared = prepare(this.connection, sql);
      this.#statements.set(sql, prepared);
    }
    return prepared;
  }
}

/** What the connections that Kysely takes run on. */
interface Running {
  readonly statements: StatementCache;
  /** Waits for the turn on `statements`, and resolves to what ends it. */
  readonly acquire: () => Promise<() => void>;
  /**
   * Where selects run instead, without a turn: neither another's transaction nor another process's lock keeps them
   * waiting. Null where they have to see what isn't committed yet.
   */
  readonly reads: StatementCache | null;
}

function kyselyOn(running: Running): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new NodeSqliteDriver(running),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new LiteralLimits(),
    },
  });
}

class NodeSqliteDriver implements Driver {
  readonly #running: Running;

  constructor(running: Running) {
    this.#running = running;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new NodeSqliteConnection(this.#running);
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    (connection as NodeSqliteConnection).release();
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
  readonly #running: Running;
  #release: (() => void) | null = null;

  constructor(running: Running) {
    this.#running = running;
  }

  release(): void {
    this.#release?.();
    this.#release = null;
  }

  /** Kysely takes a connection before it says what for, so the turn is waited for with the first query that needs it. */
  async #statementsFor({ query }: CompiledQuery): Promise<StatementCache> {
    const { statements, acquire, reads } = this.#running;
    if (reads !== null && query.kind === "SelectQueryNode") return reads;
    this.#release ??= await acquire();
    return statements;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const parameters = query.parameters as SQLInputValue[];
    const statements = await this.#statementsFor(query);
    const execute = () => {
      const prepared = statements.get(query.sql);
      if (prepared.givesRows) return { rows: prepared.all(parameters) as Row[] };
      const { changes, lastInsertRowid } = prepared.run(parameters);
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    };
    try {
      return await whenUnlocked(execute, performance.now());
    } catch (error) {
      throw translatedSqlite(error);
    }
  }

  /** An open stream would hold the connection's view of the data: nothing written since would be seen. */
  streamQuery(): never {
    throw new Error("read in pages");
  }
}
