import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { ToldError } from "../../errors/told-error.ts";
import { identityColumns, lastNumber } from "./given-numbers.ts";
import { type MoveMark, nameTarget, readMark, releaseMark, setMark, tellMark } from "./move-mark.ts";
import { refuseOtherSchema } from "./move-schema.ts";
import { keyOrder, type MovedTable, quoted, tablesToMove } from "./move-tables.ts";
import { beginCopy, finishCopy, judgeTarget, lockTarget, type TargetState } from "./move-target.ts";
import { explainMove } from "./move-trouble.ts";
import {
  countRows,
  digestOf,
  postgresPages,
  type Row,
  sourceRows,
  sqlitePages,
  type TableContent,
} from "./table-rows.ts";

/**
 * Carries a grown embedded database over to an empty PostgreSQL one, also while the site runs. Promise: the source is
 * marked (move-mark.ts) under its write lock before the first row is copied, and from then on refuses to be written, so
 * an account is in the copy or was never promised; every table is compared afterwards row by row (count and SHA-256
 * over all values in key order) and success is only reported when all agree and the mark is still there. A move that
 * fails takes its mark away; one that was killed goes on where it stopped. Never overwrites other accounts.
 * Guards: contract/move-data.test.ts, fault/move-data.test.ts.
 */
export interface MoveOptions {
  readonly sourceFile: string;
  readonly targetUrl: string;
  /** Called as it goes on; `total` rows of this table in all. */
  progress(step: "copy" | "compare", table: string, rows: number, total: number): void;
}

/** The target's schema must be up to date already. Throws a ToldError where an operator has to put something right. */
export async function moveData(options: MoveOptions): Promise<TableContent[]> {
  const { sourceFile, targetUrl } = options;
  const source = openSource(sourceFile);
  const target = new pg.Client({ connectionString: targetUrl, connectionTimeoutMillis: 5000 });
  // A connection that breaks between two queries is reported by the next.
  target.on("error", () => {});
  let marked: Marked | null = null;
  try {
    await target.connect();
    await lockTarget(target);
    const file = statSync(sourceFile).ino;
    marked = await markSource(source, target, nameTarget(targetUrl));
    const moved = await copyAll(source, target, marked, options);
    // Nobody took the mark away meanwhile, or what was written since would stay behind.
    source.exec("commit; begin immediate");
    const isSame = statSync(sourceFile, { throwIfNoEntry: false })?.ino === file;
    if (!isSame || readMark(source)?.id !== marked.mark.id) throw changedMeanwhile(sourceFile);
    await finishCopy(target);
    source.exec("commit");
    return moved;
  } catch (error) {
    const isReleased = marked?.isNew === true && takeBack(source, marked.mark);
    throw explainMove(error, options, marked === null ? "unmarked" : isReleased ? "released" : "marked");
  } finally {
    source.close();
    await target.end().catch(() => {});
  }
}

/** Lets a marked source be written again; null where it had no mark. */
export function releaseSource(sourceFile: string): MoveMark | null {
  const source = openSource(sourceFile);
  try {
    return releaseMark(source);
  } catch (error) {
    throw explainMove(error, { sourceFile, targetUrl: "" }, "unmarked");
  } finally {
    source.close();
  }
}

function openSource(sourceFile: string): DatabaseSync {
  try {
    return new DatabaseSync(sourceFile, { timeout: 5000 });
  } catch (error) {
    throw explainMove(error, { sourceFile, targetUrl: "" }, "unmarked");
  }
}

interface Marked {
  readonly mark: MoveMark;
  /** Set by this run, which takes it away where it fails. */
  readonly isNew: boolean;
  readonly state: TargetState;
  readonly tables: readonly MovedTable[];
}

/** Under the source's write lock: what is judged here is what is copied. */
async function markSource(source: DatabaseSync, target: pg.Client, name: string): Promise<Marked> {
  source.exec("begin immediate");
  await refuseOtherSchema(source, target);
  const earlier = readMark(source);
  if (earlier !== null && earlier.target !== name) throw tellMark(earlier);
  const tables = tablesToMove(source);
  const state = await judgeTarget(source, target, tables, earlier?.id ?? null);
  const mark = earlier ?? setMark(source, name);
  source.exec("commit");
  return { mark, isNew: earlier === null, state, tables };
}

async function copyAll(
  source: DatabaseSync,
  target: pg.Client,
  { mark, state, tables }: Marked,
  { progress }: MoveOptions,
): Promise<TableContent[]> {
  source.exec("begin");
  if (state === "begin") await beginCopy(target, tables, mark.id);
  if (state !== "compare") for (const table of tables) await copyTable(source, target, table, progress);
  const moved: TableContent[] = [];
  for (const table of tables) moved.push(await compareTable(source, target, table, progress));
  for (const table of tables) await continueNumbers(target, table, lastNumber(source, table.name));
  return moved;
}

/** Whether the source may be written again. */
function takeBack(source: DatabaseSync, mark: MoveMark): boolean {
  try {
    if (source.isTransaction) source.exec("rollback");
    return releaseMark(source, mark) !== null;
  } catch {
    return false;
  }
}

function changedMeanwhile(file: string): ToldError {
  return new ToldError(
    `源库 ${file} 在搬移期间被替换或被 --release 恢复写入，复制结果可能不全，不能使用。`,
    `The source ${file} was replaced or released while it was moved, so the copy may lack accounts and must not be used.`,
  );
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
): Promise<TableContent> {
  const total = countRows(source, table);
  const [ours, theirs] = [digestOf(table), digestOf(table)];
  for (const page of sqlitePages(source, table)) progress("compare", table.name, ours.add(page), total);
  await target.query("begin");
  for await (const page of postgresPages(target, table)) theirs.add(page);
  await target.query("commit");
  const [content, { rows: found, checksum }] = [ours.content(), theirs.content()];
  if (found !== content.rows || checksum !== content.checksum) {
    throw new ToldError(
      `表 ${table.name} 与源库不一致（源库 ${content.rows} 行，目标库 ${found} 行）：目标库可能已被使用，请换一个空库（createdb）再执行。`,
      `The table ${table.name} differs from the source (${content.rows} rows there, ${found} in the target): the target may have been used since; take an empty database (createdb) and run it again.`,
    );
  }
  return content;
}

/** The next id PostgreSQL gives must lie behind every one that the source gave, also of rows that are gone. */
async function continueNumbers(target: pg.Client, table: MovedTable, given: number): Promise<void> {
  for (const column of await identityColumns(target, table.name)) {
    await target.query(
      `select setval(pg_get_serial_sequence($1, $2), greatest((select coalesce(max(${quoted(column)}), 0) from ${quoted(table.name)}), $3::bigint, 1))`,
      [quoted(table.name), column, given],
    );
  }
}
