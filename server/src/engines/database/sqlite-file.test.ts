import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { platform, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../kernel/clock.ts";
import { migrate } from "./migrate.ts";
import { openSqlite } from "./sqlite.ts";

describe("the embedded database's files", () => {
  it("are readable by their owner alone, in a folder that everybody may read", async () => {
    const folder = mkdtempSync(join(tmpdir(), "meiduo-sqlite-"));
    const before = process.umask(0o000);
    try {
      const database = openSqlite(join(folder, "meiduo.sqlite3"));
      await migrate(database, systemClock);
      const files = readdirSync(folder);
      expect(files).toContain("meiduo.sqlite3-wal");
      // Windows has no such modes; there the folder's rights decide.
      const shared = platform() === "win32" ? 0o066 : 0;
      for (const file of files) expect(statSync(join(folder, file)).mode & 0o077, file).toBe(shared);
      await database.close();
    } finally {
      process.umask(before);
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
