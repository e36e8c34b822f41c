import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUsers } from "../../src/accounts/users.ts";
import { openDatabase } from "../../src/app/engines.ts";
import { completeConfig, loadConfig } from "../../src/cli/command-config.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { migrate } from "../../src/engines/database/migrate.ts";
import { openSqlite } from "../../src/engines/database/sqlite.ts";
import { openArchive } from "../support/archive.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { saidTerminal, unstopped } from "../support/said-terminal.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** `manage user export` and `manage user delete`: for people who can't log in. */
const clock = fakeClock();
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-rights-"));
  await inDatabase(async (db) => {
    await migrate(db, clock);
    const row = { username: "zhangsan", email: "zhang@qq.com", password_hash: "!" };
    await db.transaction((transaction) => createUsers({ db, clock }).add(transaction, row));
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function inDatabase<Result>(work: (db: ReturnType<typeof openSqlite>) => Promise<Result>) {
  const db = openSqlite(join(folder, "meiduo.sqlite3"));
  return work(db).finally(() => db.close());
}
const accountNow = () => inDatabase((db) => createUsers({ db, clock }).byLoginName("zhangsan"));

async function run(...line: string[]) {
  const terminal = saidTerminal("en", { answers: [], interactive: false });
  const code = await runCommandLine(line, {
    ...{ terminal, loadConfig, completeConfig, clock, folder, openDatabase, host: unstopped },
    readSource: () => ({ DATA_DIR: folder, SECRET_KEY: testSecretKey }),
    refuseBeside: () => {},
  });
  return { code, ...terminal.said };
}

describe("user export", () => {
  it("writes a ZIP that only its reader may read", async () => {
    expect((await run("user", "export", "zhangsan")).code).toBe(2);
    const file = join(folder, "zhang.zip");
    const { code, out } = await run("user", "export", "zhangsan", "--into", file, "--json");
    expect([code, JSON.parse(out)]).toMatchObject([0, { file, bytes: statSync(file).size }]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { data, page } = openArchive(readFileSync(file));
    expect(data.tables.users).toMatchObject([{ username: "zhangsan", email: "zhang@qq.com" }]);
    expect(page).toContain("Your account’s data");
  });
});

describe("user delete", () => {
  it("does nothing without a reason and --yes", async () => {
    expect((await run("user", "delete", "zhangsan", "--yes")).code).toBe(2);
    const { code, notes } = await run("user", "delete", "zhangsan", "--reason", "by letter");
    expect([code, notes]).toEqual([1, expect.stringContaining("--yes")]);
    expect((await accountNow())?.deletion_due_at).toBeNull();
  });

  it("waits for the grace, or with --now for whoever serves the site", async () => {
    const asked = await run("user", "delete", "zhangsan", "--reason", "by letter", "--yes", "--json");
    const due = clock.now() + 7 * 86_400_000;
    expect(JSON.parse(asked.out).erased_at).toBe(new Date(due).toISOString());
    expect((await accountNow())?.deletion_due_at).toBe(due);
    const jobs = () => inDatabase((db) => db.kysely.selectFrom("jobs").select("name").execute());
    // Of the export above, and of this.
    expect(await jobs()).toEqual([{ name: "rights-notice" }, { name: "rights-notice" }]);
    const now = await run("user", "delete", "zhangsan", "--reason", "by letter", "--yes", "--now");
    expect(now.code).toBe(0);
    expect((await accountNow())?.deletion_due_at).toBe(clock.now());
    expect(await jobs()).toContainEqual({ name: "erase-account" });
  });
});
