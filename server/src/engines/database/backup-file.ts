import { DatabaseSync } from "node:sqlite";
import { ToldError } from "../../errors/told-error.ts";
import { type MovedTable, tablesToMove } from "./move-tables.ts";
import type { EngineName } from "./null-kysely.ts";
import { countRows, digestOf, sqlitePages, type TableContent } from "./table-rows.ts";

/**
 * A backup: one SQLite file with every table as it was at one moment, whichever engine they came from, and beside them
 * the table `backup_manifest`. So one file serves both engines, and any SQLite reads it. Promise: it counts as whole only
 * where every table agrees with the manifest by count and SHA-256. No start is let on one as it is, because what ended
 * since would be good again: `restore` makes a database of it.
 */
export interface Manifest {
  /** Of the file; another number is another program's. */
  readonly format: 1;
  /** ISO 8601. */
  readonly madeAt: string;
  /** The program's version. */
  readonly program: string;
  readonly engine: EngineName;
  /** Null before the first start. */
  readonly installation: { readonly id: string; readonly fingerprint: string } | null;
  /** The number of the newest migration. */
  readonly schemaLevel: number;
  readonly holdsKey: boolean;
  readonly tables: readonly TableContent[];
}

export type RowsProgress = (step: "copy" | "compare", table: string, rows: number, total: number) => void;

/** What is in each table of an open file. */
export function contentOf(file: DatabaseSync, progress: RowsProgress): TableContent[] {
  return backedUpTables(file).map((table) => {
    const digest = digestOf(table);
    const total = countRows(file, table);
    for (const page of sqlitePages(file, table)) progress("compare", table.name, digest.add(page), total);
    return digest.content();
  });
}

/** Every table but the list of migrations and the manifest. */
export function backedUpTables(file: DatabaseSync): MovedTable[] {
  return tablesToMove(file).filter(({ name }) => name !== "backup_manifest");
}

export function writeManifest(file: DatabaseSync, manifest: Manifest, secretKey: string | null): void {
  file.exec(
    "create table backup_manifest (singleton integer primary key, manifest text not null, secret_key text)",
  );
  file
    .prepare("insert into backup_manifest (singleton, manifest, secret_key) values (1, ?, ?)")
    .run(JSON.stringify(manifest), secretKey);
}

export interface Backup {
  readonly manifest: Manifest;
  /** Null where it holds none. */
  readonly secretKey: string | null;
}

/** Reads a backup and compares every table. Throws a ToldError where the file is none of ours, or not whole. */
export function readBackup(path: string, progress: RowsProgress): Backup {
  try {
    const file = new DatabaseSync(path, { readOnly: true });
    try {
      const backup = readManifest(file);
      if (backup === null) throw noBackup(path);
      refuseDamaged(path, backup.manifest, contentOf(file, progress));
      return backup;
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof ToldError) throw error;
    // SQLite's own codes: 11 damaged, 14 can't be opened, 26 no database at all.
    const { errcode } = error as { errcode?: number };
    if (errcode === undefined) throw error;
    throw (errcode & 0xff) === 11 ? damaged(path, "sqlite") : noBackup(path);
  }
}

/** Null where the database is no backup. */
export function readManifest(file: DatabaseSync): Backup | null {
  const known = file.prepare("select 1 from sqlite_master where name = 'backup_manifest'").get();
  if (known === undefined) return null;
  const row = file.prepare("select manifest, secret_key from backup_manifest").get();
  if (row === undefined) return null;
  const manifest = JSON.parse(String(row.manifest)) as Manifest;
  if (manifest.format !== 1) {
    throw new ToldError(
      "备份文件的格式由更新版本的程序写成：请用那个版本恢复。",
      "The backup has a newer program's format: restore it with that version.",
    );
  }
  return { manifest, secretKey: row.secret_key === null ? null : String(row.secret_key) };
}

function refuseDamaged(path: string, { tables }: Manifest, found: readonly TableContent[]): void {
  const names = new Set([...tables, ...found].map(({ table }) => table));
  for (const name of names) {
    const [then, now] = [tables, found].map((list) => list.find(({ table }) => table === name));
    if (then?.rows !== now?.rows || then?.checksum !== now?.checksum) throw damaged(path, name);
  }
}

function damaged(path: string, table: string): ToldError {
  return new ToldError(
    `备份 ${path} 已损坏或被改动（${table} 与清单不符）：请换另一份备份，没有任何改动。`,
    `The backup ${path} is damaged or was changed (${table} differs from the manifest): take another one. Nothing was changed.`,
  );
}

function noBackup(path: string): ToldError {
  return new ToldError(
    `${path} 不是 manage backup 写出的备份：请检查路径，没有任何改动。`,
    `${path} is not a backup that "manage backup" wrote: check the path. Nothing was changed.`,
  );
}
