import { closeSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ToldError } from "../../errors/told-error.ts";
import type { Clock } from "../../kernel/clock.ts";
import { randomToken } from "../../kernel/ids.ts";
import { settleOnDisk } from "../../kernel/on-disk.ts";
import { contentOf, type Manifest, type RowsProgress, readManifest, writeManifest } from "./backup-file.ts";
import { readMark, tellMark } from "./move-mark.ts";
import { copyPostgres } from "./postgres-copy.ts";
import type { DatabaseSettings } from "./settings.ts";

/**
 * Writes a backup of a database that may be in use. Promises: all of it is of one moment, and whoever was answered before
 * the beginning is in it; the file is its owner's alone; it has its name only once it is whole and on the disk, so that
 * neither a kill nor a full disk leaves half of one; a file that is there is never replaced
 * (guards: contract/backup.test.ts, fault/backup.test.ts).
 */
export interface BackupOptions extends DatabaseSettings {
  /** Where it is to be. */
  readonly file: string;
  readonly clock: Clock;
  readonly program: string;
  /** The SECRET_KEY, where it is to be in the backup. */
  readonly secretKey: string | null;
  readonly progress: RowsProgress;
}

/** Throws a ToldError where there is something to put right first. */
export async function makeBackup(options: BackupOptions): Promise<Manifest> {
  const { file } = options;
  refuseExisting(file);
  const part = join(dirname(file), `.${basename(file)}-${randomToken(6)}.part`);
  // Also at an exit that a signal asked for.
  const remove = () => rmSync(part, { force: true });
  closeSync(openSync(part, "wx", 0o600));
  process.once("exit", remove);
  try {
    await copyTo(part, options);
    const manifest = complete(part, options);
    settleOnDisk(part);
    refuseExisting(file);
    renameSync(part, file);
    settleOnDisk(dirname(file));
    return manifest;
  } finally {
    remove();
    process.off("exit", remove);
  }
}

async function copyTo(part: string, { database, clock, progress }: BackupOptions): Promise<void> {
  if (database.engine === "postgres") return copyPostgres(database.url, part, { clock, progress });
  const source = new DatabaseSync(database.file, { readOnly: true, timeout: 5000 });
  try {
    const mark = readMark(source);
    if (mark !== null) throw tellMark(mark);
    if (readManifest(source) !== null) throw isBackupItself(database.file);
    // One read of one moment, which keeps no writer waiting; without the pages of what was deleted.
    source.prepare("vacuum into ?").run(part);
  } finally {
    source.close();
  }
}

function complete(part: string, { database, clock, program, secretKey, progress }: BackupOptions): Manifest {
  const copy = new DatabaseSync(part);
  try {
    const newest = copy.prepare("select max(name) as name from schema_migrations").get();
    const manifest: Manifest = {
      format: 1,
      madeAt: new Date(clock.now()).toISOString(),
      program,
      engine: database.engine,
      installation: installationOf(copy),
      schemaLevel: Number(String(newest?.name ?? "0").slice(0, 4)),
      holdsKey: secretKey !== null,
      tables: contentOf(copy, progress),
    };
    writeManifest(copy, manifest, secretKey);
    return manifest;
  } finally {
    copy.close();
  }
}

/** Databases of before there were installations have no such table. */
function installationOf(copy: DatabaseSync): Manifest["installation"] {
  const known = copy.prepare("select 1 from sqlite_master where name = 'installation'").get();
  const row = known && copy.prepare("select id, fingerprint from installation").get();
  return row ? { id: String(row.id), fingerprint: String(row.fingerprint) } : null;
}

function refuseExisting(file: string): void {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return;
  throw new ToldError(
    `${file} 已经存在，不会覆盖：请换一个文件名。`,
    `${file} is there already and is not overwritten: give another name.`,
  );
}

function isBackupItself(file: string): ToldError {
  return new ToldError(
    `${file} 本身就是一份备份：请检查 DATA_DIR 和 DATABASE_URL。`,
    `${file} is a backup itself: check DATA_DIR and DATABASE_URL.`,
  );
}
