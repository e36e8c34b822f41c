import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sql } from "kysely";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readInput } from "../../src/cli/command/read-input.ts";
import { moveData } from "../../src/cli/move-data-command.ts";
import { UsageError } from "../../src/cli/terminal/read-arguments.ts";
import type { Database } from "../../src/engines/database/database.ts";
import { migrate } from "../../src/engines/database/migrate.ts";
import { releaseSource } from "../../src/engines/database/move-data.ts";
import { nameTarget } from "../../src/engines/database/move-mark.ts";
import { lockTarget, refuseUnfinished } from "../../src/engines/database/move-target.ts";
import { openPostgres } from "../../src/engines/database/postgres.ts";
import { probeDatabase } from "../../src/engines/database/probe.ts";
import { openSqlite } from "../../src/engines/database/sqlite.ts";
import { ToldError } from "../../src/errors/told-error.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { notTested } from "../support/not-tested.ts";
import { saidTerminal, unstopped } from "../support/said-terminal.ts";
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

  const move = (at?: (text: string) => void) => runCalling(at, "--from", `sqlite:${file}`, "--to", url);
  const run = (...args: string[]) => runCalling(undefined, ...args);

  async function runCalling(at: ((text: string) => void) | undefined, ...args: string[]) {
    const terminal = saidTerminal("en", { redraws: true });
    const watched = { ...terminal, progress: (text: string) => at?.(text) };
    const context = { terminal: watched, clock: systemClock, host: unstopped, source: {}, path: String };
    const code = await moveData.run(context, readInput(moveData, args));
    return { code, output: terminal.said.out };
  }

  test("move-data carries every table over, equal row by row, and ids go on behind them", async () => {
    await fill(1, 2601);
    await source.kysely.deleteFrom("login_names").where("user_id", "=", 2600).execute();
    await source.kysely.deleteFrom("users").where("id", "=", 2600).execute();
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
    // Of an account that is gone, too, the number is not given again.
    expect(created.id).toBe(2601);
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

  /** What the product gets when it writes: by a prepared statement in a transaction, and by a built query. */
  const refusal = { code: "unavailable", cause: expect.objectContaining({ name: "ToldError" }) };
  const newAccount = () => source.kysely.insertInto("users").values(account("late")).execute();

  async function expectWritable(): Promise<void> {
    await newAccount();
    await source.kysely.deleteFrom("users").where("username", "=", "late").execute();
    await probeDatabase(source);
    await settled();
  }

  /** Writes share a commit at the end of their turn, also those that were refused. */
  const settled = () => source.transaction(async () => {});

  /** Ends the move as a kill does, at the first report that fits: connections gone, nothing put right. */
  async function killedAt(place: string): Promise<void> {
    const script = `
      import { readInput } from ${JSON.stringify(resolve(import.meta.dirname, "../../src/cli/command/read-input.ts"))};
      import { moveData } from ${JSON.stringify(resolve(import.meta.dirname, "../../src/cli/move-data-command.ts"))};
      import { systemClock } from ${JSON.stringify(resolve(import.meta.dirname, "../../src/kernel/clock.ts"))};
      const progress = (text) => { if (text.startsWith(${JSON.stringify(place)})) process.kill(process.pid, "SIGKILL"); };
      const terminal = { language: "en", redraws: true, progress, print() {}, note() {} };
      const args = ["--from", ${JSON.stringify(`sqlite:${file}`)}, "--to", ${JSON.stringify(url)}];
      await moveData.run({ terminal, clock: systemClock }, readInput(moveData, args));`;
    const run = spawnSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
    expect(run.signal, run.stderr).toBe("SIGKILL");
  }

  const toldBy = (work: Promise<unknown>): Promise<ToldError> =>
    work.then(
      () => Promise.reject(new Error("nothing was refused")),
      (error) => {
        expect(error).toBeInstanceOf(ToldError);
        expect(error.zh).toMatch(/[\u4e00-\u9fa5]/);
        expect(`${error.zh}${error.en}`).not.toMatch(/\n|x-secret/);
        return error;
      },
    );

  test("a moved source refuses every write of every process, names its target, and can be read", async () => {
    await fill(1, 5);
    await move();
    await expect(newAccount()).rejects.toMatchObject(refusal);
    await expect(probeDatabase(source)).rejects.toMatchObject(refusal);
    await expect(source.kysely.updateTable("users").set({ is_active: 0 }).execute()).rejects.toMatchObject(
      refusal,
    );
    await expect(source.kysely.deleteFrom("login_names").execute()).rejects.toMatchObject(refusal);
    expect(await source.kysely.selectFrom("users").select("id").execute()).toHaveLength(4);
    // As a start, also of a version that knows no mark: it offers its migrations.
    const { cause } = await migrate(source, systemClock).then(
      () => ({ cause: null }),
      (error) => error,
    );
    expect(cause.en).toContain(nameTarget(url));
    expect(cause.en).toContain("--release");
    await settled();
    const raw = new DatabaseSync(file);
    const tables = raw.prepare(
      "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'",
    );
    for (const { name } of tables.all()) {
      expect(() => raw.exec(`insert into "${name}" default values`), String(name)).toThrow(/moved to .*搬到/);
    }
    raw.close();
  });

  test("--release lets the source be written again; a second one, and one without a mark, change nothing", async () => {
    await fill(1, 5);
    await move();
    expect((await run("--release", "--from", `sqlite:${file}`)).output).toContain("takes writes again");
    await expectWritable();
    expect((await run("--release", "--from", `sqlite:${file}`)).output).toContain("no mark");
    await expect(run("--release", "--from", `sqlite:${file}`, "--to", url)).rejects.toThrow(UsageError);
  });

  test("move-data that was killed goes on where it stopped; until then nothing starts on either database", async () => {
    await fill(1, 2600);
    await killedAt("copy    login_names");
    await expect(newAccount()).rejects.toMatchObject(refusal);
    const target = openPostgres({ url, poolSize: 1 });
    await expect(refuseUnfinished(target)).rejects.toThrow("not completed");
    // Copied once and not again: the row that is gone stays away, and is found.
    await sql`update users set email = 'else@example.com' where id = 25`.execute(target.kysely);
    expect((await toldBy(move())).en).toMatch(/table users differs.*still refuses writes/);
    await sql`update users set email = ${user(25).email} where id = 25`.execute(target.kysely);
    const { code, output } = await move();
    expect(code).toBe(0);
    expect(output).toMatch(/users +2599 rows/);
    expect(output).toMatch(/login_names +2599 rows/);
    await refuseUnfinished(target);
    await target.close();
  });

  test("move-data begins anew where the source was released and written since", async () => {
    await fill(1, 1200);
    await killedAt("copy    login_names");
    await run("--release", "--from", `sqlite:${file}`);
    await sql`update users set email = 'else@example.com' where id = 25`.execute(source.kysely);
    await sql`delete from users where id = 1199`.execute(source.kysely);
    await fill(1200, 1300);
    const { code, output } = await move();
    expect(code).toBe(0);
    expect(output).toMatch(/users +1298 rows/);
  });

  test("a move that fails takes its mark away, and the next one succeeds", async () => {
    await fill(1, 50);
    const breaks = (text: string) => {
      if (text.startsWith("compare users")) throw Object.assign(new Error("gone"), { code: "ECONNRESET" });
    };
    expect((await toldBy(move(breaks))).en).toMatch(/was lost \(gone\).*The source takes writes again/);
    await expectWritable();
    expect((await move()).code).toBe(0);
  });

  test("a target that is lost on the way is told in a sentence", async () => {
    await fill(1, 50);
    const other = new pg.Client({ connectionString: url });
    other.on("error", () => {});
    await other.connect();
    let ended: Promise<unknown> | null = null;
    const cut = (text: string) => {
      if (!text.startsWith("copy    users")) return;
      ended ??= other.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
    };
    const error = await toldBy(move(cut)).finally(() => ended);
    await other.end();
    expect(error.en).toMatch(/can't be reached, or was lost.*The source takes writes again/);
    await expectWritable();
  });

  test("move-data refuses a target that holds other accounts and leaves both alone", async () => {
    await fill(1, 5);
    const target = openPostgres({ url, poolSize: 1 });
    await migrate(target, systemClock);
    await target.kysely.insertInto("users").values(account("theirs")).execute();
    expect((await toldBy(move())).en).toContain("holds accounts that are not from this source");
    const rows = await target.kysely.selectFrom("users").select("username").execute();
    expect(rows).toEqual([{ username: "theirs" }]);
    await target.close();
    await expectWritable();
  });

  test("move-data refuses a target with anything else in it, and one that another move-data fills", async () => {
    const target = openPostgres({ url, poolSize: 1 });
    await migrate(target, systemClock);
    await target.kysely.insertInto("groups").values({ name: "theirs" }).execute();
    expect((await toldBy(move())).en).toContain("the table groups has rows");
    await sql`delete from groups`.execute(target.kysely);
    await target.close();
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    await lockTarget(other);
    expect((await toldBy(move())).en).toContain("Another move-data");
    await other.end();
    await expectWritable();
  });

  test("a marked source goes into its own target only", async () => {
    await move();
    url = await freshPostgresUrl();
    expect((await toldBy(move())).en).toContain("was moved, to PostgreSQL");
    await expect(newAccount()).rejects.toMatchObject(refusal);
  });

  test("move-data reports a row that was changed on the way, and a finished move stays marked", async () => {
    await fill(1, 50);
    await move();
    const target = openPostgres({ url, poolSize: 1 });
    await sql`update users set email = 'else@example.com' where id = 25`.execute(target.kysely);
    await target.close();
    expect((await toldBy(move())).en).toContain("table users differs");
    await expect(newAccount()).rejects.toMatchObject(refusal);
  });

  test("a source that is released or replaced meanwhile is told instead of success", async () => {
    await fill(1, 50);
    const released = (text: string) => {
      if (text.startsWith("compare users")) releaseSource(file);
    };
    expect((await toldBy(move(released))).en).toContain("replaced or released");
    await expectWritable();
    const replaced = (text: string) => {
      if (text.startsWith("compare users")) renameSync(file, `${file}.away`);
    };
    expect((await toldBy(move(replaced))).en).toContain("replaced or released");
    renameSync(`${file}.away`, file);
  });

  test("move-data tells which of the two schemas is older, and what is no database of ours", async () => {
    await sql`insert into schema_migrations (name, applied_at, oldest_program) values ('9999-new.ts', 1, 1)`.execute(
      source.kysely,
    );
    expect((await toldBy(move())).en).toContain("newer than this program");
    await sql`delete from schema_migrations where name = '9999-new.ts'`.execute(source.kysely);
    const target = openPostgres({ url, poolSize: 1 });
    await sql`insert into schema_migrations (name, applied_at, oldest_program) values ('9998-new.ts', 1, 1)`.execute(
      target.kysely,
    );
    expect((await toldBy(move())).en).toContain("older than the target's");
    await sql`update schema_migrations set oldest_program = 9998 where name = '9998-new.ts'`.execute(
      target.kysely,
    );
    expect((await toldBy(move())).en).toContain("needs a newer version of the program");
    await target.close();
    url = await freshPostgresUrl();
    await expectWritable();
    await source.close();
    writeFileSync(file, "no database at all, but longer than nothing".repeat(50));
    expect((await toldBy(move())).en).toContain("not a database");
    rmSync(file);
    new DatabaseSync(file).exec("create table other (id integer primary key)");
    expect((await toldBy(move())).en).toContain("not an account database");
    rmSync(file);
    expect((await toldBy(move())).en).toContain("There is no database file");
    source = openSqlite(join(folder, "another.sqlite3"));
  });

  test("a target that isn't there, and a source that is locked, are told in a sentence", async () => {
    const there = url;
    url = "postgres://nobody:x-secret@127.0.0.1:1/none";
    expect((await toldBy(move())).en).toContain("127.0.0.1:1/none can't be reached");
    url = `${there}_missing`;
    expect((await toldBy(move())).en).toContain("There is no database");
    url = there;
    await source.transaction(async () => {
      expect((await toldBy(move())).en).toContain("locked by another program");
    });
  });

  test("move-data explains itself when it is called wrongly", async () => {
    for (const args of [
      ["--from", "elsewhere"],
      ["--from", `sqlite:${file}.mistyped`, "--to", url],
      ["--from", `sqlite:${file}`],
      ["--from", `sqlite:${file}`, "--to", "mysql://db/name"],
      ["--to", url],
    ])
      await expect(run(...args)).rejects.toThrow(UsageError);
    expect(readdirSync(folder).filter((name) => name.includes("mistyped"))).toEqual([]);
  });
} else notTested("PostgreSQL and Redis");
