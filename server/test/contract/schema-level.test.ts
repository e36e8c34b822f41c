import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../src/engines/database/database.ts";
import { migrate } from "../../src/engines/database/migrate.ts";
import { openPostgres } from "../../src/engines/database/postgres.ts";
import { migrationFiles, refuseNewerSchema } from "../../src/engines/database/schema-level.ts";
import { openSqlite } from "../../src/engines/database/sqlite.ts";
import { ToldError } from "../../src/errors/told-error.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { enginePairs, freshPostgresUrl } from "../support/test-engines.ts";

describe.each(enginePairs)("a database and programs of other versions: %s", (pair) => {
  let folder: string;
  let db: Database;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "meiduo-levels-"));
    db =
      pair === "sqlite"
        ? openSqlite(join(folder, "accounts.sqlite"))
        : openPostgres({ url: await freshPostgresUrl(), poolSize: 2 });
  });
  afterEach(async () => {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A program with these migrations: number and oldest program; each makes a table of its own. */
  function program(...migrations: readonly [number: number, oldestProgram: number][]) {
    const made = mkdtempSync(join(folder, "program-"));
    for (const [number, oldestProgram] of migrations) {
      writeFileSync(
        join(made, `${String(number).padStart(4, "0")}-made.ts`),
        `export const oldestProgram = ${oldestProgram};
         export const up = (db) => db.schema.createTable("made_${number}").addColumn("id", "integer").execute();`,
      );
    }
    const files = migrationFiles(pathToFileURL(`${made}/`));
    return {
      start: () => migrate(db, systemClock, files),
      /** What `/readyz` asks of a running one. */
      goesOn: () => refuseNewerSchema(db, files.level),
    };
  }
  /** What a start from before there were levels does first with a migration it has. */
  const unawareStart = () =>
    sql`insert into schema_migrations (name, applied_at) values ('0001-made.ts', 1) on conflict do nothing returning name`.execute(
      db.kysely,
    );

  test("an upgrade may roll and be taken back: the version before goes on and starts again", async () => {
    const before = program([1, 1], [10, 1]);
    const after = program([1, 1], [10, 1], [11, 10]);
    expect(await before.start()).toEqual(["0001-made.ts", "0010-made.ts"]);
    expect(await after.start()).toEqual(["0011-made.ts"]);
    await before.goesOn();
    expect(await before.start()).toEqual([]);
    expect(await after.start()).toEqual([]);
  });

  test("a program below what a migration asks for is refused in one sentence, starting and running", async () => {
    const old = program([1, 1], [10, 1]);
    await old.start();
    await program([1, 1], [10, 1], [11, 10], [12, 11]).start();
    for (const refused of [() => old.start(), () => old.goesOn()]) {
      const error = await refused().then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(ToldError);
      const { en, zh } = error as ToldError;
      expect(en).toMatch(/^The database needs a newer version .*schema 11, this one has 10.*install that/);
      expect(zh).toMatch(/请安装新版本/);
    }
    await program([1, 1], [10, 1], [11, 10]).start();
  });

  test("a database from before there were levels gets them, and its programs may still start", async () => {
    await sql`create table schema_migrations (name text primary key, applied_at bigint not null)`.execute(
      db.kysely,
    );
    await sql`insert into schema_migrations values ('0001-made.ts', 1)`.execute(db.kysely);
    const now = program([1, 1], [10, 1]);
    expect(await now.start()).toEqual(["0010-made.ts"]);
    expect((await unawareStart()).rows).toEqual([]);
    await now.goesOn();
  });

  test("a migration that they can't run beside makes the database refuse them, too", async () => {
    const breaking = program([1, 1], [10, 1], [11, 11]);
    await breaking.start();
    await expect(unawareStart()).rejects.toThrow(/needs a newer version of the program.*请安装新版本/);
    expect(await breaking.start()).toEqual([]);
    expect(await program([1, 1], [10, 1], [11, 11], [12, 11]).start()).toEqual(["0012-made.ts"]);
  });
});
