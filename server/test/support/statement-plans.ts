import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import type { Config } from "../../src/config/config.ts";

/** A statement as an engine was given it. */
export interface SentStatement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/**
 * Every statement that this process gives an engine while `work` runs: on SQLite as it is prepared, so only what is
 * asked for the first time.
 */
export async function statementsDuring(work: () => Promise<unknown>): Promise<SentStatement[]> {
  const sent: SentStatement[] = [];
  // Raw SQL may begin with a line's end, and is judged like any other.
  const note = (sql: string, values: readonly unknown[]) => sent.push({ sql: sql.trim(), values });
  const { prepare } = DatabaseSync.prototype;
  const { query } = pg.Client.prototype;
  DatabaseSync.prototype.prepare = function (sql, ...rest) {
    note(sql, []);
    return prepare.call(this, sql, ...rest);
  };
  pg.Client.prototype.query = function (this: pg.Client, ...given: unknown[]) {
    const [first, values] = given as [string | pg.QueryConfig, unknown[]?];
    if (typeof first === "string") note(first, values ?? []);
    else note(first.text, first.values ?? []);
    return (query as (...given: unknown[]) => unknown).apply(this, given);
  } as typeof query;
  try {
    await work();
  } finally {
    DatabaseSync.prototype.prepare = prepare;
    pg.Client.prototype.query = query;
  }
  return sent;
}

/** Says of each statement which tables it goes through row by row, whatever is in them. */
export interface Plans {
  scannedBy(statement: SentStatement): Promise<string[]>;
  close(): Promise<void>;
}

export async function openPlans({ database }: Config): Promise<Plans> {
  if (database.engine === "sqlite") return sqlitePlans(database.file);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  // Its choice depends on how much is in a table; without this one it shows what it can't do by an index.
  await client.query("set enable_seqscan = off; set enable_bitmapscan = off");
  return {
    async scannedBy({ sql, values }) {
      const { rows } = await client.query(`explain (format json) ${sql}`, [...values]);
      return scansOf(rows[0]["QUERY PLAN"][0].Plan);
    },
    close: () => client.end(),
  };
}

function sqlitePlans(file: string): Plans {
  const db = new DatabaseSync(file);
  return {
    async scannedBy({ sql }) {
      const plan = db.prepare(`explain query plan ${sql}`).all() as { readonly detail: string }[];
      return plan.flatMap(({ detail }) => /^SCAN (\w+)/.exec(detail)?.[1] ?? []);
    },
    close: async () => db.close(),
  };
}

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Cond"?: string;
  readonly Filter?: string;
  readonly Plans?: readonly PlanNode[];
}

/** Of an index without a condition, too: it is gone through from one end to the other. */
function scansOf(node: PlanNode): string[] {
  const { "Relation Name": table } = node;
  const isIndex = /^Index/.test(node["Node Type"]);
  const isWhole =
    node["Node Type"] === "Seq Scan" ||
    (isIndex && node["Index Cond"] === undefined && node.Filter !== undefined);
  return [...(isWhole && table !== undefined ? [table] : []), ...(node.Plans ?? []).flatMap(scansOf)];
}
