import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../../src/engines/database/database.ts";
import { migrate } from "../../src/engines/database/migrate.ts";
import { openSqlite } from "../../src/engines/database/sqlite.ts";
import { systemClock } from "../../src/kernel/clock.ts";

let migrated: Promise<Buffer> | undefined;

async function migrateOnce(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-sqlite-"));
  const file = join(folder, "migrated.sqlite");
  const database = openSqlite(file);
  await migrate(database, systemClock);
  await database.close();
  const bytes = readFileSync(file);
  rmSync(folder, { recursive: true, force: true });
  return bytes;
}

/** Makes a SQLite database with today's schema: a copy of the one that this process migrates first. */
export async function writeMigratedSqlite(file: string): Promise<void> {
  migrated ??= migrateOnce();
  writeFileSync(file, await migrated, { mode: 0o600 });
}

/** A migrated SQLite database in a file of its own, as in production; closing it removes the file. */
export async function temporarySqlite(): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-sqlite-"));
  const file = join(folder, "accounts.sqlite");
  await writeMigratedSqlite(file);
  const database = openSqlite(file);
  return {
    ...database,
    async close() {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
