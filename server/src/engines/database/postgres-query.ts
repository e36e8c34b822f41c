import type { Writable } from "node:stream";
import pg from "pg";
import { isOutdated } from "./postgres-errors.ts";
import { type Row, rowMaker } from "./row-maker.ts";

/** What pg's classes have and its types don't tell; guard: postgres-reader.test.ts. */
interface Connection {
  readonly stream: Writable;
  describe(portal: unknown): void;
}
interface QueryParts {
  name: string;
  readonly text: string;
  readonly _result: { readonly _types: pg.CustomTypesConfig };
  _canceledDueToError: unknown;
  callback(error: unknown): void;
  submit(connection: Connection): Error | null;
  prepare(connection: Connection): void;
  handleError(error: unknown, connection: Connection): void;
}
const PgQuery = pg.Query as unknown as new (
  text: string,
  values: readonly unknown[],
  done: (error: unknown) => void,
) => QueryParts;

/** A query as it comes in pieces, to leave as one. */
type Gathering = Connection & { readonly pieces: Buffer[]; asksColumns: boolean };

/** What was told of a prepared statement's columns. */
interface Columns {
  readonly text: string;
  readonly count: number;
  readonly rowOf: (values: readonly (string | null)[]) => Row;
}

/** What a connection knows of its prepared statements. They live as long as it does. */
interface KnownQueries {
  readonly columns: Map<string, Columns>;
  /** How often a statement had to be prepared again; by its own name. */
  readonly again: Map<string, number>;
  gathering: Gathering | null;
}

export interface NamedQuery {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
  /** Milliseconds; pg gives it up then. */
  readonly query_timeout?: number | undefined;
}

/**
 * A named query that asks for its columns once in a connection's life. pg asks each time, and makes anew what it reads rows with:
 * with forty columns that was a quarter of a request. PostgreSQL refuses a prepared statement whose columns have changed, so
 * what it told of them stays true (extended query protocol: Bind, Execute, Sync; no Describe). Such a statement is prepared again under a
 * new name, or a process that runs while another one adds a column to the table would never read it again.
 */
class PreparedQuery extends PgQuery {
  readonly query_timeout: number | undefined;
  readonly #known: KnownQueries;
  readonly #ownName: string;
  readonly #found: Row[] = [];
  #columns: Columns | undefined;

  constructor(query: NamedQuery, known: KnownQueries, done: (error: unknown, rows: Row[]) => void) {
    super(query.text, query.values, (error) => done(error, this.#found));
    this.name = query.name;
    this.query_timeout = query.query_timeout;
    this.#known = known;
    this.#ownName = query.name;
  }

  override submit(connection: Connection): Error | null {
    const known = this.#known;
    this.name = this.#currentName();
    this.#columns = known.columns.get(this.name);
    known.gathering ??= gatheringOn(connection);
    const { gathering } = known;
    gathering.asksColumns = this.#columns === undefined;
    // pg's own refuses a name that is another text's.
    if (this.#columns?.text === this.text) super.prepare(gathering);
    else {
      const refusal = super.submit(gathering);
      if (refusal !== null) return refusal;
    }
    // As pg: what a broken connection was not given fails with it.
    if (connection.stream.writable) connection.stream.write(Buffer.concat(gathering.pieces));
    gathering.pieces.length = 0;
    return null;
  }

  handleRowDescription({
    fields,
  }: {
    readonly fields: readonly { name: string; dataTypeID: number }[];
  }): void {
    const parsers = fields.map(({ dataTypeID }) => this._result._types.getTypeParser(dataTypeID, "text"));
    const rowOf = rowMaker(
      fields.map(({ name }) => name),
      (value: string | null, place) => (value === null ? null : parsers[place]?.(value)),
    );
    this.#learn(fields.length, rowOf);
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    if (this._canceledDueToError) return;
    try {
      const { count, rowOf } = this.#columns as Columns;
      // A pooler may have prepared it again on a connection of its own, and told nobody.
      if (fields.length !== count) {
        this.#known.columns.delete(this.name);
        throw new Error(`${this.#ownName}: a row has ${fields.length} columns in place of ${count}`);
      }
      this.#found.push(rowOf(fields));
    } catch (error) {
      this._canceledDueToError = error;
    }
  }

  handleCommandComplete(): void {
    // One that gives no rows was told so in place of its columns.
    if (this.#columns === undefined) this.#learn(0, () => ({}));
  }

  handleReadyForQuery(connection: Connection): void {
    if (this._canceledDueToError) this.handleError(this._canceledDueToError, connection);
    else this.callback(null);
  }

  override handleError(error: unknown, connection: Connection): void {
    // Of several that were under way the first one decides.
    if (isOutdated(error) && this.name === this.#currentName()) {
      const { again, columns } = this.#known;
      again.set(this.#ownName, (again.get(this.#ownName) ?? 0) + 1);
      columns.delete(this.name);
    }
    super.handleError(error, connection);
  }

  #currentName(): string {
    const again = this.#known.again.get(this.#ownName);
    return again === undefined ? this.#ownName : `${this.#ownName}+${again}`;
  }

  #learn(count: number, rowOf: Columns["rowOf"]): void {
    this.#columns = { text: this.text, count, rowOf };
    this.#known.columns.set(this.name, this.#columns);
  }
}

const knownOf = new WeakMap<object, KnownQueries>();

/** Resolves to the rows. On a client that is pipelined or not, in a transaction or outside. */
export function queryOn(client: pg.ClientBase, query: NamedQuery): Promise<Row[]> {
  let known = knownOf.get(client);
  if (known === undefined) {
    known = { columns: new Map(), again: new Map(), gathering: null };
    knownOf.set(client, known);
  }
  return new Promise((resolve, reject) => {
    client.query(new PreparedQuery(query, known, (error, rows) => (error ? reject(error) : resolve(rows))));
  });
}

/** As `queryOn`, outside transactions: a statement that is outdated is asked once more. */
export async function queryAnewOn(client: pg.ClientBase, query: NamedQuery): Promise<Row[]> {
  try {
    return await queryOn(client, query);
  } catch (error) {
    if (!isOutdated(error)) throw error;
    return queryOn(client, query);
  }
}

/** The connection, with what is sent kept until it is whole, and the columns asked for where they aren't known. */
function gatheringOn(connection: Connection): Gathering {
  const pieces: Buffer[] = [];
  return Object.create(connection, {
    pieces: { value: pieces },
    asksColumns: { value: true, writable: true },
    _send: { value: (piece: Buffer) => pieces.push(piece) },
    describe: {
      value(this: Gathering, portal: unknown) {
        if (this.asksColumns) connection.describe.call(this, portal);
      },
    },
    // pg closes the statement of which it can't write a value, and goes on to take it for prepared.
    close: { value: () => {} },
  }) as Gathering;
}
