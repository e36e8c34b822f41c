import { createHash, type Hash } from "node:crypto";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import pg from "pg";
import { keyOrder, type MovedTable, quoted, tablesToMove } from "./move-tables.ts";

/**
 * Carries a grown embedded database over to an empty PostgreSQL one. Promise: nothing is written to the
 * source, which is locked against writers meanwhile; every table is compared afterwards row by row (count and
 * SHA-256 over all values in key order) and success is only reported when all agree; interrupted, it goes on
 * where it stopped. Never overwrites: a target that holds other accounts is refused.
 */
export interface MoveOptions {
  readonly sourceFile: string;
  readonly targetUrl: string;
  /** Called as it goes on; `total` rows of this table in all. */
  progress(step: "copy" | "compare", table: string, rows: number, total: number): void;
}

export interface MovedRows {
  readonly table: string;
  readonly rows: number;
  readonly checksum: string;
}

type Row = Record<string, unknown>;

/** The target's schema must be up to date already. Throws where the two don't agree in the end. */
export async function moveData({ sourceFile, targetUrl, progress }: MoveOptions): Promise<MovedRows[]> {
  const source = new DatabaseSync(sourceFile, { timeout: 2000 });
  const target = new pg.Client({ connectionString: targetUrl, connectionTimeoutMillis: 5000 });
  try {
    lockAgainstWriters(source);
    await target.connect();
    await sameSchema(source, target);
    const tables = tablesToMove(source);
    await refuseForeignAccounts(source, target);
    // A target that was started once has an identity of its own, and the source's comes along.
    await target.query("delete from installation");
    for (const table of tables) await copyTable(source, target, table, progress);
    const moved: MovedRows[] = [];
    for (const table of tables) moved.push(await compareTable(source, target, table, progress));
    for (const table of tables) await continueNumbers(target, table);
    return moved;
  } finally {
    source.close();
    await target.end();
  }
}

function lockAgainstWriters(source: DatabaseSync): void {
  try {
    source.exec("begin immediate");
  } catch (error) {
    throw new Error("The embedded database is being written to: stop the site first.", { cause: error });
  }
}

async function sameSchema(source: DatabaseSync, target: pg.Client): Promise<void> {
  const read = "select name from schema_migrations order by name";
  const theirs = (await target.query(read)).rows.map((row) => row.name).join();
  const ours = source
    .prepare(read)
    .all()
    .map((row) => row.name)
    .join();
  if (ours !== theirs) {
    throw new Error("The two schemas are of different versions: run `npm run migrate` on both, then again.");
  }
}

/** An interrupted move leaves a beginning of the source's accounts, and nothing else. */
async function refuseForeignAccounts(source: DatabaseSync, target: pg.Client): Promise<void> {
  const edges =
    "select id, username from users where id = (select min(id) from users) or id = (select max(id) from users)";
  const find = source.prepare("select username from users where id = ?");
  for (const row of (await target.query(edges)).rows) {
    if (find.get(Number(row.id))?.username !== row.username) {
      throw new Error("The target holds accounts that are not from this source; nothing was changed.");
    }
  }
}

async function copyTable(
  source: DatabaseSync,
  target: pg.Client,
  table: MovedTable,
  progress: MoveOptions["progress"],
) {
  const total = countRows(source, table);
  const insertSize = Math.max(1, Math.min(1000, Math.floor(30_000 / table.columns.length)));
  const last = await target.query(
    `select ${table.key.map((column) => quoted(column.name)).join()} from ${quoted(table.name)} order by ${keyOrder(table, "postgres", "desc")} limit 1`,
  );
  let after: Row | null = last.rows[0] ?? null;
  let done = Number((await target.query(`select count(*) as n from ${quoted(table.name)}`)).rows[0].n);
  for (;;) {
    const rows = sourceRows(source, table, after, insertSize);
    if (rows.length === 0) return;
    const places = rows.map(
      (_, row) =>
        `(${table.columns.map((_, column) => `$${row * table.columns.length + column + 1}`).join()})`,
    );
    // One statement is one transaction: a batch is there as a whole or not at all.
    await target.query(
      `insert into ${quoted(table.name)} (${table.columns.map(quoted).join()}) values ${places.join()}`,
      rows.flatMap((row) => table.columns.map((column) => row[column])),
    );
    after = rows.at(-1) ?? null;
    done += rows.length;
    progress("copy", table.name, done, total);
  }
}

async function compareTable(
  source: DatabaseSync,
  target: pg.Client,
  table: MovedTable,
  progress: MoveOptions["progress"],
): Promise<MovedRows> {
  const total = countRows(source, table);
  const [ours, theirs] = [createHash("sha256"), createHash("sha256")];
  let rows = 0;
  let found = 0;
  for (let after: Row | null = null; ; ) {
    const page = sourceRows(source, table, after, 1000);
    for (const row of page) addRow(ours, table, row);
    rows += page.length;
    after = page.at(-1) ?? null;
    progress("compare", table.name, rows, total);
    if (page.length < 1000) break;
  }
  // One cursor, so that the target sorts once and not once per page.
  await target.query("begin");
  await target.query(
    `declare moved no scroll cursor for select * from ${quoted(table.name)} order by ${keyOrder(table, "postgres")}`,
  );
  for (;;) {
    const page: Row[] = (await target.query("fetch 1000 from moved")).rows;
    for (const row of page) addRow(theirs, table, row);
    found += page.length;
    if (page.length < 1000) break;
  }
  await target.query("commit");
  const checksum = ours.digest("hex");
  if (found !== rows || theirs.digest("hex") !== checksum) {
    throw new Error(`Table ${table.name} differs after the copy (${rows} rows here, ${found} there).`);
  }
  return { table: table.name, rows, checksum };
}

/** Each value with its length, so that no two rows look alike; 64-bit integers come as strings from pg. */
function addRow(hash: Hash, table: MovedTable, row: Row): void {
  for (const column of table.columns) {
    const value = row[column];
    const text =
      value === null
        ? "\u0000"
        : value instanceof Uint8Array
          ? Buffer.from(value).toString("hex")
          : String(value);
    hash.update(`${text.length}:${text}`);
  }
}

function countRows(source: DatabaseSync, table: MovedTable): number {
  return Number(source.prepare(`select count(*) as n from ${quoted(table.name)}`).get()?.n ?? 0);
}

function sourceRows(source: DatabaseSync, table: MovedTable, after: Row | null, limit: number): Row[] {
  const names = table.key.map((column) => quoted(column.name)).join();
  const places = table.key.map(() => "?").join();
  const where = after ? `where (${names}) > (${places})` : "";
  const values = after ? table.key.map((column) => after[column.name] as SQLInputValue) : [];
  const text = `select * from ${quoted(table.name)} ${where} order by ${keyOrder(table, "sqlite")} limit ${limit}`;
  return source.prepare(text).all(...values);
}

/** The next id PostgreSQL gives must lie behind those that came along. */
async function continueNumbers(target: pg.Client, table: MovedTable): Promise<void> {
  const identity = await target.query(
    "select column_name from information_schema.columns where table_schema = current_schema() and table_name = $1 and is_identity = 'YES'",
    [table.name],
  );
  for (const { column_name: column } of identity.rows) {
    await target.query(
      `select setval(pg_get_serial_sequence($1, $2), greatest((select coalesce(max(${quoted(column)}), 0) from ${quoted(table.name)}), 1))`,
      [quoted(table.name), column],
    );
  }
}
