import { join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import { createUsers } from "../../src/accounts/users.ts";
import { openDatabase } from "../../src/app/engines.ts";
import { completeConfig, loadConfig } from "../../src/cli/command-config.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { readConfig } from "../../src/config/config.ts";
import type { Database } from "../../src/engines/database/database.ts";
import { migrate } from "../../src/engines/database/migrate.ts";
import { createSqlKv } from "../../src/engines/kv/sql-kv.ts";
import { identityOf } from "../../src/installation/identity.ts";
import { fakeClock } from "./fake-clock.ts";
import { dataFolder } from "./product-process.ts";
import { saidTerminal, unstopped } from "./said-terminal.ts";
import { type EnginePair, freshPostgresUrl, freshRedisUrl } from "./test-engines.ts";
import { testSecretKey } from "./test-secret-key.ts";

/** An installation to back up and to restore into, by the commands an operator gives. */
export const clock = fakeClock(Date.now());
let folder: ReturnType<typeof dataFolder>;

/** Each test of the file that calls it has a folder of its own. */
export function useFolders(): void {
  beforeEach(() => {
    folder = dataFolder();
  });
  afterEach(() => folder.release());
}

/** A path in the folder of the test at hand. */
export const inFolder = (name: string) => join(folder.path, name);

export type Env = Record<string, string>;

export async function envOf(pair: EnginePair, name: string): Promise<Env> {
  const env = { DATA_DIR: inFolder(name), SECRET_KEY: testSecretKey };
  if (pair === "sqlite") return env;
  return { ...env, DATABASE_URL: await freshPostgresUrl(), REDIS_URL: await freshRedisUrl() };
}

export async function run(env: Env, ...line: string[]) {
  const terminal = saidTerminal("en", { redraws: true });
  const code = await runCommandLine(line, {
    ...{ terminal, loadConfig, completeConfig, clock, folder: folder.path, openDatabase, host: unstopped },
    readSource: () => env,
    refuseBeside: () => {},
  });
  const { out, notes, drawn } = terminal.said;
  return { code, out, said: notes.trim(), drawn };
}

export async function inDatabase<Result>(env: Env, work: (db: Database) => Promise<Result>): Promise<Result> {
  const config = completeConfig(readConfig(env), "make");
  const db = openDatabase(config);
  try {
    await migrate(db, clock);
    return await work(db);
  } finally {
    await db.close();
  }
}

const job = (id: string, state: "waiting" | "running" | "dead") => ({
  ...{ id, name: "verification-mail", payload: "{}", state, created_at: clock.now(), due_at: 0 },
  ...{ deadline_at: null, finished_at: state === "dead" ? clock.now() : null, last_error: null },
});

/** An installation with accounts, and with something of everything that a restore has to end or to keep. */
export async function makeSite(env: Env): Promise<void> {
  const config = completeConfig(readConfig(env), "make");
  await inDatabase(env, async (db) => {
    await identityOf(db, config, clock);
    const users = createUsers({ db, clock });
    for (const username of ["xiaoming", "全民python"]) {
      const row = { username, email: `${username.length}@example.com`, password_hash: "!" };
      await db.transaction((transaction) => users.add(transaction, row, "operator"));
    }
    await createSqlKv(db, clock).set("{a}:code", "id", 600);
    const jobs = [job("one", "waiting"), job("two", "running"), job("three", "dead")];
    await db.kysely.insertInto("jobs").values(jobs).execute();
    const binding = {
      provider: "qq",
      account_key: "unionid:1",
      user_id: 1,
      nickname: "o'明\n",
      avatar: null,
    };
    await db.kysely
      .insertInto("bindings")
      .values({ ...binding, is_alias: 0, created_at: clock.now(), last_login_at: null })
      .execute();
  });
}

export const versions = (env: Env) =>
  inDatabase(env, (db) =>
    db.kysely.selectFrom("users").select(["username", "credentials_version"]).orderBy("id").execute(),
  );

export async function backUp(env: Env, name = "backup.sqlite3", ...options: string[]) {
  const made = await run(env, "backup", inFolder(name), "--json", ...options);
  expect([made.code, made.said]).toEqual([0, ""]);
  return JSON.parse(made.out) as {
    sha256: string;
    holdsKey: boolean;
    tables: { table: string; rows: number; checksum: string }[];
  };
}
