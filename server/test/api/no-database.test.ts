import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrate } from "../../src/engines/database/migrate.ts";
import { migrationFiles } from "../../src/engines/database/schema-level.ts";
import { openSqlite } from "../../src/engines/database/sqlite.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { runCommand } from "../support/run-command.ts";

/** Commands that find no database say so: one that made an empty one reported that all is well. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-none-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a command on the database of an earlier version", () => {
  it.each([["jobs"], ["jobs", "retry", "all"], ["group", "list"], ["installation", "show"]])(
    "%s %s brings it up to date first",
    async (...args) => {
      const db = openSqlite(join(folder, "meiduo.sqlite3"));
      const migrations = migrationFiles();
      await migrate(db, systemClock, { ...migrations, files: migrations.files.slice(0, 1) });
      await db.close();
      const { stderr } = await runCommand(args, { DATA_DIR: folder, LANG: "C" });
      expect(stderr).not.toMatch(/no such table|\n\s+at /);
      const after = openSqlite(join(folder, "meiduo.sqlite3"));
      const { length } = await after.kysely.selectFrom("schema_migrations").select("name").execute();
      await after.close();
      expect(length).toBe(migrations.files.length);
    },
  );
});

it("doctor finds the database of a newer program", async () => {
  const db = openSqlite(join(folder, "meiduo.sqlite3"));
  await migrate(db, systemClock);
  const newer = { name: "9000-later.ts", applied_at: 1, oldest_program: 9000 };
  await db.kysely.insertInto("schema_migrations").values(newer).execute();
  await db.close();
  const { code, stdout } = await runCommand(["doctor"], { DATA_DIR: folder, LANG: "C" });
  expect(stdout).toMatch(/^✗ database .*needs a newer version of the program \(schema 9000/m);
  expect(code).toBe(1);
});

describe("a command in a folder without a database", () => {
  it.each([
    ["jobs"],
    ["jobs", "retry", "all"],
    ["user", "show", "boss"],
    ["export-django", "x.json"],
    ["group", "list"],
  ])("%s %s refuses, and makes neither database, key nor folder", async (...args) => {
    const DATA_DIR = join(folder, "none");
    const { code, stdout, stderr } = await runCommand(args, { DATA_DIR, LANG: "C" });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(`There is no database yet at SQLite ${DATA_DIR}/meiduo.sqlite3`);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("doctor says that there is none, and makes none", async () => {
    const { code, stdout } = await runCommand(["doctor"], { DATA_DIR: join(folder, "none"), LANG: "C" });
    expect(stdout).toMatch(/^! database .*does not exist yet/m);
    expect(code).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("move-data from a mistyped file makes none, and asks nothing of the target", async () => {
    const from = join(folder, "mistyped.sqlite3");
    const args = ["move-data", "--from", `sqlite:${from}`, "--to", "postgres://nobody@127.0.0.1:9/none"];
    const { code, stderr } = await runCommand(args, { DATA_DIR: folder, LANG: "C" });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^There is no database file .*mistyped.sqlite3: check --from. Nothing was changed.\nUsage:/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});
