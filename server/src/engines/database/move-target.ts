import type { DatabaseSync } from "node:sqlite";
import { sql } from "kysely";
import type pg from "pg";
import { ToldError } from "../../errors/told-error.ts";
import type { Db } from "./database.ts";
import { type MovedTable, quoted } from "./move-tables.ts";

/**
 * The PostgreSQL side of a move. While a copy is not complete the table `unfinished_move` names the source's mark: a
 * start on half of the accounts is refused, and the same move goes on where it stopped, while one whose source was
 * written since begins anew. It is made and removed by `move-data` alone and is there at no other time.
 */

/** One move at a time into one database; held until the connection ends. */
const advisoryLock = 7_306_072;

/** What may be in a target where nobody has an account yet: what a start and its visitors leave, of no worth now. */
const leftByStart = new Set(["installation", "kv_entries", "permissions", "used_codes"]);

/** `compare` where a finished copy is there already. */
export type TargetState = "begin" | "resume" | "compare";

export async function lockTarget(target: pg.Client): Promise<void> {
  const { rows } = await target.query(`select pg_try_advisory_lock(${advisoryLock}) as mine`);
  if (rows[0].mine === true) return;
  throw new ToldError(
    "另一个 move-data 正在写入这个目标库：请等它结束，本次没有任何改动。",
    "Another move-data is filling this target: wait until it has ended. Nothing was changed.",
  );
}

/** Throws a ToldError where the target holds what is not this source's; changes nothing. */
export async function judgeTarget(
  source: DatabaseSync,
  target: pg.Client,
  tables: readonly MovedTable[],
  markId: string | null,
): Promise<TargetState> {
  const begun = await target.query("select to_regclass('unfinished_move') is not null as begun");
  if (begun.rows[0].begun === true) {
    // Never more than the beginning of a copy: no start was let on it.
    const { rows } = await target.query("select mark from unfinished_move");
    return rows[0]?.mark === markId && markId !== null ? "resume" : "begin";
  }
  await refuseForeignAccounts(source, target);
  if (await hasRows(target, "users")) return "compare";
  for (const { name } of tables) {
    if (leftByStart.has(name) || !(await hasRows(target, name))) continue;
    throw new ToldError(
      `目标库不是空的（表 ${name} 有数据）：请换一个空库（createdb）再执行，本次没有任何改动。`,
      `The target is not empty (the table ${name} has rows): take an empty database (createdb) and run it again. Nothing was changed.`,
    );
  }
  return "begin";
}

/** Empties what an earlier copy or a start left, and records that a copy begins. */
export async function beginCopy(
  target: pg.Client,
  tables: readonly MovedTable[],
  markId: string,
): Promise<void> {
  await target.query("begin");
  await target.query("create table if not exists unfinished_move (mark text primary key)");
  await target.query("delete from unfinished_move");
  await target.query("insert into unfinished_move (mark) values ($1)", [markId]);
  for (const { name } of tables.toReversed()) await target.query(`delete from ${quoted(name)}`);
  await target.query("commit");
}

export async function finishCopy(target: pg.Client): Promise<void> {
  await target.query("drop table if exists unfinished_move");
}

/** Throws a ToldError where a move or a restore into this database was not completed, and where it is a backup as it is. */
export async function refuseUnfinished(db: Db): Promise<void> {
  if (db.engine === "sqlite") {
    const { rows } = await sql`select 1 from sqlite_master where name = 'backup_manifest'`.execute(db.kysely);
    if (rows.length > 0) throw backupItself();
    return;
  }
  const { rows } = await sql`select 1 where to_regclass('unfinished_move') is not null`.execute(db.kysely);
  if (rows.length === 0) return;
  throw new ToldError(
    "这个数据库是没有完成的 move-data 或 restore 留下的，账号不全：请重新执行同一条命令，完成后再启动。",
    "This database is what a move-data or restore left that was not completed, without all of the accounts: run the same command again, then start.",
  );
}

/** Attack and accident: its tokens, codes and waiting mails are as good as they were when it was made. */
function backupItself(): ToldError {
  return new ToldError(
    "这个数据库文件是一份备份，其中的令牌和待发邮件仍然有效，不能直接使用：请移走它，用 restore <文件> --yes 恢复。",
    "This database file is a backup as it is: its tokens and waiting mails would be good again. Move it away and use restore <file> --yes.",
  );
}

async function hasRows(target: pg.Client, table: string): Promise<boolean> {
  const { rows } = await target.query(`select exists (select 1 from ${quoted(table)}) as found`);
  return rows[0].found === true;
}

/** A copy holds accounts of the source and no others. */
async function refuseForeignAccounts(source: DatabaseSync, target: pg.Client): Promise<void> {
  const edges =
    "select id, username from users where id = (select min(id) from users) or id = (select max(id) from users)";
  const find = source.prepare("select username from users where id = ?");
  for (const row of (await target.query(edges)).rows) {
    if (find.get(Number(row.id))?.username === row.username) continue;
    throw new ToldError(
      "目标库里有不属于这个源库的账号：请检查 --to，或换一个空库；没有任何改动。",
      "The target holds accounts that are not from this source: check --to, or take an empty database. Nothing was changed.",
    );
  }
}
