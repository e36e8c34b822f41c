import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createUsers } from "../../src/accounts/users.ts";
import { openDatabase } from "../../src/app/engines.ts";
import { completeConfig, loadConfig } from "../../src/cli/command-config.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { migrate } from "../../src/engines/database/migrate.ts";
import { openSqlite } from "../../src/engines/database/sqlite.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { saidTerminal, unstopped } from "../support/said-terminal.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** What an operator does to an account at the command line is told to its owner, and to programs, as if it were done by staff. */
const clock = fakeClock();
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-told-"));
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

async function run(line: readonly string[], answers: readonly string[] = []) {
  const terminal = saidTerminal("en", { answers: [...answers], interactive: answers.length > 0 });
  const code = await runCommandLine([...line], {
    ...{ terminal, loadConfig, completeConfig, clock, folder, openDatabase, host: unstopped },
    readSource: () => ({ DATA_DIR: folder, SECRET_KEY: testSecretKey }),
    refuseBeside: () => {},
  });
  expect([code, terminal.said.notes]).toEqual([0, expect.anything()]);
}
/** Kinds of mails that wait for whoever serves the site. */
const waiting = () =>
  inDatabase(async (db) => {
    const rows = await db.kysely.selectFrom("jobs").select("payload").orderBy("created_at").execute();
    await db.kysely.deleteFrom("jobs").execute();
    return rows.map(({ payload }) => JSON.parse(String(payload)) as { kind: string; userId: number });
  });

it("a new password", async () => {
  const word = "three quiet lanterns";
  await run(["changepassword", "zhangsan"], [word, word]);
  expect(await waiting()).toMatchObject([{ kind: "password_changed", userId: 1, language: "unknown" }]);
});

it("everything that is kept of it, in a file", async () => {
  await run(["user", "export", "zhangsan", "--into", join(folder, "zhang.zip")]);
  expect(await waiting()).toMatchObject([{ kind: "data_export_asked", userId: 1, language: "unknown" }]);
});

it("another user name, to programs that keep it", async () => {
  await inDatabase((db) =>
    db.kysely
      .insertInto("webhook_endpoints")
      .values({
        ...{ url: "https://shop.example/in", events: "user.login_names_changed", state: "on", sealed: "" },
        ...{ sealed_before: null, before_until: null, created_at: 1, updated_at: 1 },
        ...{ failing_since: null, paused_until: 0 },
      })
      .execute(),
  );
  await run(["user", "rename", "zhangsan", "zhang.new"]);
  const rows = await inDatabase((db) => db.kysely.selectFrom("webhook_deliveries").select("body").execute());
  expect(rows.map(({ body }) => JSON.parse(body))).toMatchObject([
    { type: "user.login_names_changed", data: { user_id: 1, version: expect.any(Number) } },
  ]);
});
