import type { Writable } from "node:stream";
import pg from "pg";
import { type Row, rowMaker } from "./row-maker.ts";

/** What pg's classes have and its types don't tell; guard: postgres-reader.test.ts. */
interface Connection {
  readonly stream: Writable;
}
interface QueryParts {
  name: string;
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
type Gathering = Connection & { readonly pieces: Buffer[] };
type RowOf = (values: readonly (string | null)[]) => Row;

const noRow: RowOf = () => ({});

/** What a connection knows of its prepared statements. They live as long as it does. */
interface KnownQueries {
  readonly rows: Map<string, RowOf>;
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
 * what it told of them stays true (extended query protocol: Bind, Execute, Sync; no Describe).
 */
class PreparedQuery extends PgQuery {
  readonly query_timeout: number | undefined;
  readonly #known: KnownQueries;
  readonly #found: Row[] = [];
  #rowOf: RowOf | undefined;

  constructor(query: NamedQuery, known: KnownQueries, done: (error: unknown, rows: Row[]) => void) {
    super(query.text, query.values, (error) => done(error, this.#found));
    this.name = query.name;
    this.query_timeout = query.query_timeout;
    this.#known = known;
  }

  override submit(connection: Connection): Error | null {
    this.#rowOf = this.#known.rows.get(this.name);
    if (this.#rowOf === undefined) return super.submit(connection);
    this.#known.gathering ??= gatheringOn(connection);
    const { pieces } = this.#known.gathering;
    super.prepare(this.#known.gathering);
    // As pg: what a broken connection was not given fails with it.
    if (connection.stream.writable) connection.stream.write(Buffer.concat(pieces));
    pieces.length = 0;
    return null;
  }

  handleRowDescription({
    fields,
  }: {
    readonly fields: readonly { name: string; dataTypeID: number }[];
  }): void {
    const parsers = fields.map(({ dataTypeID }) => this._result._types.getTypeParser(dataTypeID, "text"));
    this.#rowOf = rowMaker(
      fields.map(({ name }) => name),
      (value: string | null, place) => (value === null ? null : parsers[place]?.(value)),
    );
    this.#known.rows.set(this.name, this.#rowOf);
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    if (this._canceledDueToError) return;
    try {
      this.#found.push((this.#rowOf as RowOf)(fields));
    } catch (error) {
      this._canceledDueToError = error;
    }
  }

  handleCommandComplete(): void {
    // One that gives no rows was told so in place of its columns.
    if (this.#rowOf === undefined) this.#known.rows.set(this.name, noRow);
  }

  handleReadyForQuery(connection: Connection): void {
    if (this._canceledDueToError) this.handleError(this._canceledDueToError, connection);
    else this.callback(null);
  }
}

const knownOf = new WeakMap<object, KnownQueries>();

/** Resolves to the rows. On a client that is pipelined or not, in a transaction or outside. */
export function queryOn(client: pg.ClientBase, query: NamedQuery): Promise<Row[]> {
  let known = knownOf.get(client);
  if (known === undefined) {
    known = { rows: new Map(), gathering: null };
    knownOf.set(client, known);
  }
  return new Promise((resolve, reject) => {
    client.query(new PreparedQuery(query, known, (error, rows) => (error ? reject(error) : resolve(rows))));
  });
}

/** The connection, with what is sent kept until it is whole, and no question for the columns. */
function gatheringOn(connection: Connection): Gathering {
  const pieces: Buffer[] = [];
  return Object.create(connection, {
    pieces: { value: pieces },
    _send: { value: (piece: Buffer) => pieces.push(piece) },
    describe: { value: () => {} },
  }) as Gathering;
}
