import type { DatabaseSync } from "node:sqlite";
import { ToldError } from "../../errors/told-error.ts";
import { randomToken } from "../../kernel/ids.ts";
import { quoted } from "./move-tables.ts";

/**
 * The mark of an embedded database whose accounts `move-data` carries away: triggers that refuse every write to every
 * table. The database itself refuses, so this also holds for versions that know no mark; they go on reading.
 * Each start offers its migrations anew and is shown the mark. Promise: what was committed before the mark is in the
 * copy, and nothing comes after it. Only `move-data --release` and a move that failed take it away.
 */
export interface MoveMark {
  /** Another with each mark, so that one that was taken away meanwhile is told from its successor. */
  readonly id: string;
  /** Host and database, as `nameTarget` says it. */
  readonly target: string;
}

const events = ["insert", "update", "delete"] as const;
const markPattern = /^moved to (\S+) \(([\w-]+)\): /;

/** Host, port and database of a PostgreSQL URL: never its user or password. */
export function nameTarget(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

/** Null where the database may be written. */
export function readMark(source: DatabaseSync): MoveMark | null {
  const row = source
    .prepare(
      "select sql from sqlite_master where type = 'trigger' and name like 'moved!_%' escape '!' limit 1",
    )
    .get();
  return row === undefined ? null : parseMark(/'((?:[^']|'')*)'\); end$/.exec(String(row.sql))?.[1] ?? "");
}

/** In the caller's transaction, which holds the write lock: nothing slips in between. */
export function setMark(source: DatabaseSync, target: string): MoveMark {
  const mark = { id: randomToken(9), target };
  // Also read by people: versions that know no mark show it as it is.
  const text = `moved to ${target} (${mark.id}): ${tellMark(mark).en} ${tellMark(mark).zh}`.replaceAll(
    "'",
    "''",
  );
  for (const table of allTables(source)) {
    for (const event of events) {
      source.exec(`create trigger ${quoted(`moved_${event}_${table}`)} before ${event} on ${quoted(table)}
        begin select raise(abort, '${text}'); end`);
    }
  }
  return mark;
}

/** Lets the database be written again. Null where it had no mark, or another than `only`. */
export function releaseMark(source: DatabaseSync, only?: MoveMark): MoveMark | null {
  source.exec("begin immediate");
  const mark = readMark(source);
  const isMeant = mark !== null && (only === undefined || only.id === mark.id);
  if (isMeant) {
    const triggers = source
      .prepare("select name from sqlite_master where type = 'trigger' and name like 'moved!_%' escape '!'")
      .all();
    for (const { name } of triggers) source.exec(`drop trigger ${quoted(String(name))}`);
  }
  source.exec("commit");
  return isMeant ? mark : null;
}

/** What a refused write says, for people; null for any other failure. */
export function refusedByMark(message: string): ToldError | null {
  const mark = parseMark(message);
  return mark === null ? null : tellMark(mark);
}

function parseMark(text: string): MoveMark | null {
  const [, target, id] = markPattern.exec(text.replaceAll("''", "'")) ?? [];
  return target === undefined || id === undefined ? null : { target, id };
}

/** What became of the database, and what to do. */
export function tellMark({ target }: MoveMark): ToldError {
  return new ToldError(
    `这个内嵌数据库正在或已经搬到 PostgreSQL ${target}，不再接受写入：请停止仍在使用它的进程，把 DATABASE_URL 设为新库再启动；确要继续用旧库，请执行 npm run move-data -- --release --from sqlite:<文件>。`,
    `This embedded database is being moved, or was moved, to PostgreSQL ${target} and takes no more writes: stop what still uses it, set DATABASE_URL to the new one and start; to go on with the old one on purpose, run npm run move-data -- --release --from sqlite:<file>.`,
  );
}

function allTables(source: DatabaseSync): string[] {
  return source
    .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite!_%' escape '!'")
    .all()
    .map(({ name }) => String(name));
}
