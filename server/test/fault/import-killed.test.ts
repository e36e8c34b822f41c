import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, test } from "vitest";
import { openSqlite } from "../../src/engines/database/sqlite.ts";
import { djangoDatabase } from "../support/django-database.ts";
import { contents } from "../support/django-import.ts";
import { bareEnvironment } from "../support/false-clock.ts";
import { dataFolder, productSecretKey, waitUntil } from "../support/product-process.ts";
import { runCommand } from "../support/run-command.ts";

/** The import command killed (SIGKILL) in the middle, again and again, and run once more: as if never killed. */
const accounts = 20_000;
/** After how many accounts of the target each kill comes. */
const kills = [1, 5_000, 11_000, 17_000];
const main = resolve(import.meta.dirname, "../../src/main.ts");

function generate(file: string): void {
  const source = djangoDatabase(file);
  source.exec("begin; insert into auth_group values (1, 'all'), (2, 'few')");
  for (let id = 1; id <= accounts; id++) {
    const email = `u${id % (accounts - 50)}@qq.com`;
    source.user({ id, username: `user${id}`, email, mobile: `1${3_000_000_000 + id}` });
  }
  source.exec(`
    insert into tb_users_groups select id, id, 1 from tb_users;
    insert into tb_users_groups select ${accounts} + id, id, 2 from tb_users where id % 7 = 0;
    insert into tb_oauth_user select id, date_joined, date_joined, 'openid' || (id % 9000), id, '1' from tb_users
      where id % 2 = 0;
    commit;
    create index binding_user on tb_oauth_user (user_id);
    create index group_user on tb_users_groups (user_id);
  `);
  source.close();
}

function countUsers(file: string): number {
  if (!existsSync(file)) return 0;
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  try {
    return Number(database.prepare("select count(*) as count from users").get()?.count);
  } catch (error) {
    // The tables are made by the same run.
    if (!/no such table/.test((error as Error).message)) throw error;
    return 0;
  } finally {
    database.close();
  }
}

describe("an import that is killed", () => {
  const folder = dataFolder();
  afterAll(() => folder.release());

  test("ends, run again, exactly as one that was not", async () => {
    const source = join(folder.path, "source.sqlite3");
    generate(source);
    const target = (name: string) => join(folder.path, name, "meiduo.sqlite3");
    const env = (name: string) => ({ DATA_DIR: join(folder.path, name), SECRET_KEY: productSecretKey });
    const command = ["import-django", source, "--apply", "--json"];
    const whole = await runCommand(command, env("whole"));
    // Which database it makes is all it says beside the result; a slow machine is told how far it is, too.
    const said = (stderr: string) => stderr.replace(/^\{"progress":.*\n/gm, "");
    const database = (name: string) => `Database 数据库  SQLite ${target(name)}\n`;
    expect([whole.code, said(whole.stderr)]).toEqual([0, database("whole")]);

    const temporary = join(folder.path, "temporary");
    mkdirSync(temporary);
    const reached: number[] = [];
    for (const moment of kills) {
      const child = spawn(process.execPath, [main, ...command], {
        env: { ...bareEnvironment(), TMPDIR: temporary, ...env("killed") },
        stdio: "ignore",
      });
      const gone = new Promise((done) => child.once("exit", (_, signal) => done(signal)));
      await waitUntil(() => countUsers(target("killed")) >= moment, 120, `${moment} accounts`);
      child.kill("SIGKILL");
      expect(await gone).toBe("SIGKILL");
      reached.push(countUsers(target("killed")));
      expect(readdirSync(temporary)).toEqual([]);
    }
    // Killed while it was at it, not after: every run had something left to do.
    expect(Math.max(...reached)).toBeLessThan(accounts);
    const last = await runCommand(command, env("killed"));
    expect([last.code, said(last.stderr)]).toEqual([0, database("killed")]);
    expect(JSON.parse(last.stdout).users).toEqual({
      read: accounts,
      imported: accounts - reached.at(-1)!,
      already: reached.at(-1),
      refused: 0,
    });

    const [left, right] = await Promise.all(
      ["whole", "killed"].map(async (name) => {
        const db = openSqlite(target(name));
        const all = await contents(db);
        const noted = await db.kysely.selectFrom("django_imports").selectAll().orderBy("user_id").execute();
        // Each run draws its own versions of the credentials, which are random.
        const records = noted.map((row) => JSON.stringify(row).replace(/\bv:\d+/, "v:"));
        return { all, records, closed: await db.close() };
      }),
    );
    expect(right!.records).toHaveLength(accounts);
    // The first differing row alone: a difference of 20,000 lines helps nobody.
    for (const table of Object.keys(left!.all) as (keyof Awaited<ReturnType<typeof contents>>)[]) {
      expect([table, right!.all[table].length]).toEqual([table, left!.all[table].length]);
      const differs = right!.all[table].findIndex(
        (row, index) => JSON.stringify(row) !== JSON.stringify(left!.all[table][index]),
      );
      expect([table, differs]).toEqual([table, -1]);
    }
    expect(right!.records).toEqual(left!.records);
  });

  test("an export that is interrupted leaves no half of the hashes behind", async () => {
    const file = join(folder.path, "export.json");
    const child = spawn(process.execPath, [main, "export-django", file], {
      env: { ...bareEnvironment(), DATA_DIR: join(folder.path, "whole"), SECRET_KEY: productSecretKey },
      stdio: "ignore",
    });
    const code = new Promise((done) => child.once("exit", done));
    await waitUntil(() => existsSync(`${file}.partial`), 60, "the export");
    child.kill("SIGINT");
    expect(await code).toBe(130);
    expect([existsSync(file), existsSync(`${file}.partial`)]).toEqual([false, false]);
  });
});
