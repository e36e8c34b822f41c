import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * A SQLite database for this process alone, on disk because memory must not grow with the number of accounts. It
 * holds names, and hashes where a dump is read, and never outlives the process: where the system allows it, its file
 * loses its name at once, so that even a killed import leaves nothing in the temporary folder.
 */
export interface ScratchDatabase {
  readonly database: DatabaseSync;
  close(): void;
}

export function openScratchDatabase(): ScratchDatabase {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-import-"));
  const database = new DatabaseSync(join(folder, "scratch.sqlite3"));
  // Worthless after a crash, so nothing is synced. Without a journal, and under a lock that it takes with its first
  // write and keeps, SQLite never looks for the file by its name again.
  database.exec("pragma journal_mode = off; pragma synchronous = off; pragma locking_mode = exclusive");
  database.exec("pragma user_version = 1");
  // Windows lets nobody remove an open file.
  const isNameless = process.platform !== "win32";
  if (isNameless) rmSync(folder, { recursive: true, force: true });
  return {
    database,
    close() {
      database.close();
      if (!isNameless) rmSync(folder, { recursive: true, force: true });
    },
  };
}
