import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Database } from "../../src/database/database.ts";
import { migrate } from "../../src/database/migrate.ts";
import { moveDataCommand } from "../../src/database/move-data-command.ts";
import { openPostgres } from "../../src/database/postgres.ts";
import { openSqlite } from "../../src/database/sqlite.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { notTested } from "../support/not-tested.ts";
import { freshPostgresUrl, hasProductionEngines } from "../support/test-engines.ts";

if (hasProductionEngines) {
  let folder: string;
  let file: string;
  let source: Database;
  let url: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "meiduo-move-"));
    file = join(folder, "accounts.sqlite3");
    source = openSqlite(file);
    await migrate(source, systemClock);
    url = await freshPostgresUrl();
  });
  afterEach(async () => {
    await source.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const names = ["Ünal", "zoë", "Zed", "张三", "_x", "a-b", "a.b", "aB", "Ab"];
  const account = (username: string) => ({
    username,
    password_hash: "!",
    ...({ first_name: "", last_name: "", password_trimmed: 0, is_active: 1, is_staff: 0 } as const),
    ...({ is_superuser: 0, email_verified: 0, credentials_version: 0 } as const),
    joined_at: 1,
    created_at: 1,
    updated_at: 1,
  });
  const user = (id: number) => ({
    ...account(`${names[id % names.length]}${id}`),
    id,
    email: id % 3 === 0 ? null : `u${id}@example.com`,
    joined_at: 1_700_000_000_000 + id,
  });

  async function fill(from: number, to: number): Promise<void> {
    await source.transaction(async (db) => {
      for (let id = from; id < to; id++) {
        await db.kysely.insertInto("users").values(user(id)).execute();
        await db.kysely
          .insertInto("login_names")
          .values({ name_key: user(id).username.toLowerCase(), user_id: id })
          .execute();
      }
    });
  }

  async function move(): Promise<{ code: number; output: string }> {
    let output = "";
    const terminal = {
      isTTY: false,
      write: (text: string) => {
        output += text;
      },
    };
    const code = await moveDataCommand(["--from", `sqlite:${file}`, "--to", url], terminal);
    return { code, output };
  }

  test("move-data carries every table over, equal row by row, and ids go on behind them", async () => {
    await fill(1, 2600);
    const { code, output } = await move();
    expect(code).toBe(0);
    expect(output).toMatch(/users +2599 rows {2}sha256/);
    expect(output).toMatch(/login_names +2599 rows {2}sha256/);
    const target = openPostgres({ url, poolSize: 1 });
    const created = await target.kysely
      .insertInto("users")
      .values(account("new"))
      .returning("id")
      .executeTakeFirstOrThrow();
    expect(created.id).toBe(2600);
    await target.close();
  });

  test("move-data carries the installation's id over, also to a target that was started before", async () => {
    const row = (id: string) => ({ singleton: 1 as const, id, fingerprint: "f".repeat(22), created_at: 1 });
    await source.kysely.insertInto("installation").values(row("source")).execute();
    const target = openPostgres({ url, poolSize: 1 });
    await migrate(target, systemClock);
    await target.kysely.insertInto("installation").values(row("target")).execute();
    for (let times = 0; times < 2; times++) expect((await move()).code).toBe(0);
    expect(await target.kysely.selectFrom("installation").select("id").execute()).toEqual([{ id: "source" }]);
    await target.close();
  });

  test("move-data that was interrupted goes on where it stopped", async () => {
    await fill(1, 1200);
    await move();
    // As an interruption leaves it: a beginning of the users, none of what refers to them.
    const target = openPostgres({ url, poolSize: 1 });
    await sql`delete from login_names`.execute(target.kysely);
    await sql`delete from users where id > 700`.execute(target.kysely);
    await target.close();
    const { code, output } = await move();
    expect(code).toBe(0);
    expect(output).toMatch(/users +1199 rows/);
    expect(output).toMatch(/login_names +1199 rows/);
  });

  test("move-data refuses a target that holds other accounts and leaves it alone", async () => {
    await fill(1, 5);
    const target = openPostgres({ url, poolSize: 1 });
    await migrate(target, systemClock);
    await target.kysely.insertInto("users").values(account("theirs")).execute();
    await expect(move()).rejects.toThrow("holds accounts that are not from this source");
    const rows = await target.kysely.selectFrom("users").select("username").execute();
    expect(rows).toEqual([{ username: "theirs" }]);
    await target.close();
  });

  test("move-data reports a row that was changed on the way instead of success", async () => {
    await fill(1, 50);
    await move();
    const target = openPostgres({ url, poolSize: 1 });
    await sql`update users set email = 'else@example.com' where id = 25`.execute(target.kysely);
    await target.close();
    await expect(move()).rejects.toThrow("Table users differs after the copy");
  });

  test("move-data asks to stop the site while somebody writes", async () => {
    await source.transaction(async () => {
      await expect(move()).rejects.toThrow("stop the site first");
    });
  });

  test("move-data explains itself when it is called wrongly", async () => {
    let output = "";
    const terminal = {
      isTTY: false,
      write: (text: string) => {
        output += text;
      },
    };
    expect(await moveDataCommand(["--from", "elsewhere"], terminal)).toBe(2);
    expect(output).toContain("npm run move-data -- --from sqlite:");
  });
} else notTested("PostgreSQL and Redis");
