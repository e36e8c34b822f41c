import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { platform, tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../kernel/clock.ts";
import { statement } from "./database.ts";
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

  it("are read on while another process makes them longer and shorter", async () => {
    const folder = mkdtempSync(join(tmpdir(), "meiduo-sqlite-"));
    const file = join(folder, "meiduo.sqlite3");
    const database = openSqlite(file);
    const other = new DatabaseSync(file);
    try {
      await migrate(database, systemClock);
      const count = () => database.first(countEntries, {});
      expect(await count()).toEqual({ count: 0 });
      other.exec(`insert into kv_entries with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
        select 'k' || i, hex(randomblob(100)), 1 from n; pragma wal_checkpoint(truncate)`);
      const long = statSync(file).size;
      expect(await count()).toEqual({ count: 20_000 });
      other.exec("delete from kv_entries where entry_key <> 'k7'; vacuum; pragma wal_checkpoint(truncate)");
      expect(statSync(file).size).toBeLessThan(long / 2);
      expect(await count()).toEqual({ count: 1 });
    } finally {
      other.close();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

const countEntries = statement<object, { count: number }>("test.entries", (db) =>
  db.selectFrom("kv_entries").select(({ fn }) => fn.countAll<number>().as("count")),
);
