import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { releasePassword, releaseSecretKey } from "../../../scripts/release-database.ts";
import { createUsers } from "../../src/accounts/users.ts";
import { refuseNewerSchema } from "../../src/engines/database/schema-level.ts";
import { createPasswords } from "../../src/passwords/passwords.ts";
import {
  backUp,
  clock,
  type Env,
  envOf,
  inDatabase,
  inFolder,
  run,
  useFolders,
} from "../support/backed-up-site.ts";
import { someone } from "../support/holders.ts";
import { enginePairs } from "../support/test-engines.ts";

useFolders();

/** The database of every release: backed up before its upgrade, restored by the present program, and taken back. */
const databases = fileURLToPath(new URL("../fixtures/databases/", import.meta.url));

/** An installation on a copy of the release's database, as that left it. */
async function siteOf(name: string): Promise<Env> {
  const env: Env = { ...(await envOf("sqlite", "site")), SECRET_KEY: releaseSecretKey };
  mkdirSync(env.DATA_DIR!);
  copyFileSync(join(databases, name), join(env.DATA_DIR!, "meiduo.sqlite3"));
  return env;
}

interface Column {
  readonly name: string;
  readonly notnull: number;
  readonly dflt_value: string | null;
}

/** Every table's columns. */
function columnsIn(file: string): Map<string, readonly Column[]> {
  const open = new DatabaseSync(file, { readOnly: true });
  try {
    const tables = open
      .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite!_%' escape '!'")
      .all();
    return new Map(
      tables.map(({ name }) => [
        String(name),
        open.prepare(`pragma table_info("${name}")`).all() as unknown as Column[],
      ]),
    );
  } finally {
    open.close();
  }
}

describe.each(readdirSync(databases).sort())("%s", (name) => {
  test.each(enginePairs)("backed up before the upgrade, and restored on %s", async (pair) => {
    const made = await backUp(await siteOf(name));
    const target = { ...(await envOf(pair, "elsewhere")), SECRET_KEY: releaseSecretKey };
    const restored = await run(
      target,
      "restore",
      inFolder("backup.sqlite3"),
      "--yes",
      "--deleted",
      "none",
      "--json",
    );
    expect([restored.code, restored.said]).toEqual([0, ""]);
    expect(JSON.parse(restored.out).accounts).toBe(made.tables.find(({ table }) => table === "users")!.rows);
    await inDatabase(target, async (db) => {
      const user = await createUsers({ db, clock }).byLoginName("xiaoming");
      const { verify } = createPasswords({ hashers: ["argon2"] });
      expect((await verify(releasePassword, user!.password_hash, someone)).ok).toBe(true);
    });
  });

  test("goes back to that release, unless a migration since says that it can't", async () => {
    const env = await siteOf(name);
    const file = join(env.DATA_DIR!, "meiduo.sqlite3");
    const before = columnsIn(file);
    const open = new DatabaseSync(file, { readOnly: true });
    const newest = open.prepare("select max(name) as name from schema_migrations").get()!.name;
    open.close();
    const level = Number(String(newest).slice(0, 4));
    expect((await run(env, "migrate")).code).toBe(0);
    const refusal = await inDatabase(env, (db) =>
      refuseNewerSchema(db, level).then(
        () => null,
        (error: Error) => error.message,
      ),
    );
    if (refusal !== null) {
      expect(refusal).toContain("needs a newer version");
      return;
    }
    // What that release reads is there, and a row that it writes lacks nothing.
    const after = columnsIn(file);
    for (const [table, columns] of before) {
      const now = after.get(table);
      expect(now, table).toBeDefined();
      const names = columns.map((column) => column.name);
      expect(
        now!.map((column) => column.name),
        table,
      ).toEqual(expect.arrayContaining(names));
      const asked = now!.filter(
        (column) => !names.includes(column.name) && column.notnull === 1 && column.dflt_value === null,
      );
      expect([table, asked.map((column) => column.name)]).toEqual([table, []]);
    }
  });
});
