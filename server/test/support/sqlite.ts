import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../../src/engines/database/database.ts";
import { migrate } from "../../src/engines/database/migrate.ts";
import { openSqlite } from "../../src/engines/database/sqlite.ts";
import { systemClock } from "../../src/kernel/clock.ts";

/** A migrated SQLite database in a file of its own, as in production; closing it removes the file. */
export async function temporarySqlite(): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-sqlite-"));
  const database = openSqlite(join(folder, "accounts.sqlite"));
  await migrate(database, systemClock);
  return {
    ...database,
    async close() {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
