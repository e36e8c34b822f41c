import { chmodSync, copyFileSync, linkSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { ToldError } from "../../errors/told-error.ts";
import { settleOnDisk } from "../../kernel/on-disk.ts";
import { nameTarget } from "./move-mark.ts";
import { isBusy } from "./sqlite-errors.ts";

/**
 * The steps of a restore that touch files and servers. Promises: nothing is put in the place of a database that some
 * process has open; the embedded file's name always leads to a whole database, the old one or the new one; the old one is
 * kept beside it (guards: contract/backup.test.ts, fault/backup.test.ts).
 */

/** Makes an ordinary database of a backup, beside it, that the owner alone may read. The caller removes it. */
export function unpack(backup: string, to: string): void {
  copyFileSync(backup, to);
  chmodSync(to, 0o600);
  const copy = new DatabaseSync(to);
  try {
    // The key that may be in there is overwritten, not only forgotten.
    copy.exec("pragma secure_delete = on; drop table backup_manifest");
  } finally {
    copy.close();
  }
}

/**
 * Runs `work` while no process has the embedded database open, and none can write it. SQLite itself says so: only the last
 * connection of a file may take it out of the WAL mode. Throws a ToldError where there is another.
 */
export async function whileUnused<Result>(
  file: string,
  work: () => Promise<Result> | Result,
): Promise<Result> {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0) return work();
  const target = new DatabaseSync(file, { timeout: 1000 });
  try {
    target.exec("pragma journal_mode = delete; begin exclusive");
    return await work();
  } catch (error) {
    throw isBusy(error) ? inUse(file) : error;
  } finally {
    target.close();
  }
}

/**
 * Puts the prepared database in the place of the old one, and returns where that is now; null where there was none.
 * A start that had opened the old file before is refused by SQLite: it writes to no file that was moved away.
 */
export function replaceFile(prepared: string, file: string, stamp: string): string | null {
  settleOnDisk(prepared);
  let kept: string | null = null;
  if (statSync(file, { throwIfNoEntry: false }) !== undefined) {
    kept = `${file}.before-${stamp}`;
    keep(file, kept);
  }
  renameSync(prepared, file);
  settleOnDisk(dirname(file));
  return kept;
}

/** A second name, or a copy where the file system has none. */
function keep(file: string, kept: string): void {
  try {
    linkSync(file, kept);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS") throw error;
    copyFileSync(file, kept);
    chmodSync(kept, 0o600);
  }
}

/**
 * Throws a ToldError where anything else is connected to the PostgreSQL database; and where it has accounts, if it is to
 * be filled. What an earlier restore left that was not completed may be filled again.
 */
export async function refuseUsedPostgres(url: string, use: "fill" | "keep"): Promise<void> {
  const target = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  target.on("error", () => {});
  try {
    await target.connect();
    const { rows } = await target.query(
      `select count(*) as others from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    );
    if (Number(rows[0].others) > 0) throw inUse(nameTarget(url));
    if (use === "fill" && (await hasAccounts(target))) throw notEmpty(nameTarget(url));
  } finally {
    await target.end().catch(() => {});
  }
}

async function hasAccounts(target: pg.Client): Promise<boolean> {
  const { rows } = await target.query(
    "select to_regclass('users') is not null and to_regclass('unfinished_move') is null as whole",
  );
  if (rows[0].whole !== true) return false;
  return (await target.query("select exists (select 1 from users) as found")).rows[0].found === true;
}

function notEmpty(name: string): ToldError {
  return new ToldError(
    `${name} 里已有账号：请新建一个空库（createdb），把 DATABASE_URL 设为它，再重新执行；没有任何改动。`,
    `${name} has accounts already: make an empty database (createdb), set DATABASE_URL to it and run this again. Nothing was changed.`,
  );
}

function inUse(name: string): ToldError {
  return new ToldError(
    `${name} 正被使用：请先停止所有进程（以及 sqlite3、psql 等），再重新执行；没有任何改动。`,
    `${name} is in use: stop every process first (also sqlite3 or psql), then run it again. Nothing was changed.`,
  );
}
