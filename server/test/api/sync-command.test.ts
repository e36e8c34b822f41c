import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openDatabase } from "../../src/app/engines.ts";
import { completeConfig, loadConfig } from "../../src/cli/command-config.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { readConfig } from "../../src/config/config.ts";
import type { Database } from "../../src/engines/database/database.ts";
import { migrate } from "../../src/engines/database/migrate.ts";
import { djangoDatabase } from "../support/django-database.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { saidTerminal, unstopped } from "../support/said-terminal.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** `sync-django` as an operator runs it; what it writes on each engine is in contract/sync-django.test.ts. */
const clock = fakeClock(Date.now());
let folder: string;
let db: Database;
const source = () => ({
  ...{ DATA_DIR: folder, SECRET_KEY: testSecretKey },
  ...{ DATABASE_URL: `sqlite:${join(folder, "meiduo.sqlite3")}` },
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-sync-"));
  db = openDatabase(readConfig(source()));
  await migrate(db, clock);
  const [now, old] = [clock.now(), clock.now() - 5 * 3_600_000];
  const row = {
    ...{ email: null, mobile: null, first_name: "", last_name: "", password_hash: "!x" },
    password_trimmed: 0,
    ...({ email_verified: 1, credentials_version: 0, is_active: 1, is_staff: 0, is_superuser: 0 } as const),
  } as const;
  for (const [id, username, at] of [
    [7, "python07", now],
    [8, "python08", old],
    [9, "python09", now],
  ] as const) {
    const times = { joined_at: at, created_at: at, updated_at: at };
    await db.kysely
      .insertInto("users")
      .values({ ...row, ...times, id, username })
      .execute();
  }
  const site = djangoDatabase(join(folder, "old.sqlite3"));
  site.user({ id: 9, username: "somebody" });
  site.close();
});
afterAll(async () => {
  await db.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(line: string[], answers: string[] = []) {
  const terminal = saidTerminal("en", { answers, interactive: false });
  const code = await runCommandLine(["sync-django", ...line], {
    ...{ terminal, loadConfig, completeConfig, clock, folder, openDatabase, host: unstopped },
    readSource: source,
    refuseBeside: () => {},
  });
  return { code, out: terminal.said.out, notes: terminal.said.notes };
}
function names(): unknown[] {
  const site = new DatabaseSync(join(folder, "old.sqlite3"));
  try {
    return site
      .prepare("select username from tb_users order by id")
      .all()
      .map(({ username }) => username);
  } finally {
    site.close();
  }
}
const audited = () =>
  db.kysely.selectFrom("audit_entries").select("after").where("action", "=", "system.sync-django").execute();

it("is a dry run until told, names what it refuses, and is in the audit log where it wrote", async () => {
  const dry = await run(["old.sqlite3"]);
  expect(dry.code, dry.notes).toBe(0);
  expect(dry.out).toContain(
    "#9 python09: there the id is of somebody\nA dry run, nothing was written. SQLite file ",
  );
  expect(dry.out).toContain(": 3 accounts, 2 added, 0 updated, 0 renamed, 1 refused (above).");
  expect(names()).toEqual(["somebody"]);

  const lately = await run(["old.sqlite3", "--apply", "--changed-hours", "2", "--json"]);
  expect(JSON.parse(lately.out)).toMatchObject({ accounts: 2, added: 1, refused: 1 });
  expect(names()).toEqual(["python07", "somebody"]);

  expect((await run(["-", "--apply"], ["old.sqlite3"])).out).toContain("1 added, 0 updated");
  expect(names()).toEqual(["python07", "python08", "somebody"]);
  expect((await audited()).map(({ after }) => JSON.parse(after).added)).toEqual([1, 1]);

  await run(["old.sqlite3", "--apply"]);
  expect(await audited()).toHaveLength(2);
});

it.each([
  [["missing.sqlite3"], 1, "There is no file "],
  [["http://x/y"], 1, "Known targets: "],
  [["old.sqlite3", "--changed-hours", "0"], 2, "--changed-hours is a number"],
  [["old.sqlite3", "--set", "level"], 2, "--set is column=value"],
  [["old.sqlite3", "--set", "level=x"], 1, "--set can't be used for level"],
  [["old.sqlite3", "--set", "is_staff=1"], 1, "--set can't be used for is_staff"],
  [["old.sqlite3", "--users-table", "nothing"], 1, "The table nothing is missing"],
])("%j ends with %i", async (line, code, said) => {
  const answer = await run(line);
  expect([answer.code, answer.notes]).toEqual([code, expect.stringContaining(said)]);
});
