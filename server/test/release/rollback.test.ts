import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { releasePassword, releaseSecretKey } from "../../../scripts/release-database.ts";
import { migrate } from "../../src/engines/database/migrate.ts";
import { migrationFiles } from "../../src/engines/database/schema-level.ts";
import { openSqlite } from "../../src/engines/database/sqlite.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { type EmptyFolder, emptyFolder } from "../support/empty-folder.ts";
import { type EngineServer, postgresBinaries, startPostgres } from "../support/engines.ts";
import { notTested } from "../support/not-tested.ts";
import { dataFolder, type ProductProcess, startProduct } from "../support/product-process.ts";
import { runCommand } from "../support/run-command.ts";
import { signUpByMailbox } from "../support/visitors.ts";

/**
 * "Roll back" of docs/operate.md with the programs that were released: each is installed from its own commit and runs on a
 * database that the present one brought up to date and wrote to, and then the present one again. What it has to promise
 * (`oldestProgram` of each migration) no test of the present program alone can show.
 */
const root = resolve(import.meta.dirname, "../../..");
const fixtures = join(root, "server/test/fixtures");
const releases = JSON.parse(readFileSync(join(fixtures, "releases.json"), "utf8")) as Record<string, string>;
const limit = 15 * 60_000;
const signUpPassword = "correct-horse-42";
const changedPassword = "changed-by-the-old-program-42";

const git = (...args: string[]) => spawnSync("git", args, { cwd: root, encoding: "utf8" });
const commitOf = (version: string) =>
  [`v${version}`, releases[version]!].find((name) => git("cat-file", "-e", `${name}^{commit}`).status === 0);

if (postgresBinaries() === null) notTested("releases on PostgreSQL (apt-get install postgresql)");
for (const version of Object.keys(releases)) {
  const commit = commitOf(version);
  if (commit === undefined)
    notTested(`the program of ${version}: this clone lacks its commit (git fetch --unshallow)`);
  else if (postgresBinaries() !== null) describe(version, () => releaseTests(version, commit));
}

function releaseTests(version: string, commit: string): void {
  let old: EmptyFolder;
  let program: string;
  let postgres: EngineServer;
  const data = dataFolder();
  beforeAll(async () => {
    old = emptyFolder();
    const { code, output } = await old.run(
      `git -C ${root} archive ${commit} | tar -x && npm ci --omit=dev --workspace server --ignore-scripts --no-audit --no-fund --loglevel=error`,
    );
    if (code !== 0) throw new Error(`installing ${version} failed; it needs the registry:\n${output}`);
    program = join(old.path, "server/src/main.ts");
    postgres = await startPostgres();
  }, limit);
  afterAll(async () => {
    await postgres?.destroy();
    await old?.remove();
    data.release();
  }, limit);

  /** API and worker of one program, while the work goes on. */
  async function whileRuns(env: Env, which: "old" | "present", work: (url: string) => Promise<void>) {
    const options = which === "old" ? { program } : {};
    const running: ProductProcess[] = [];
    try {
      for (const role of ["serve", "work"]) running.push(await startProduct(role, env, options));
      await work(running[0]!.url);
      for (const process of running.splice(0)) expect(await process.stop()).toBe(0);
    } finally {
      for (const process of running) await process.kill();
    }
  }

  /** The present program, the old one, and the present one again; `people` were there before. */
  async function backAndForth(env: Env, people: Readonly<Record<string, string>>): Promise<void> {
    const expectLogIns = async (url: string, passwords: Readonly<Record<string, string>>) => {
      for (const [name, password] of Object.entries(passwords))
        expect([name, (await logIn(url, name, password)).status]).toEqual([name, 200]);
    };
    let early = "";
    await whileRuns(env, "present", async (url) => {
      await expectLogIns(url, people);
      await signUpByMailbox(url, "upgrader");
      early = (await logIn(url, "upgrader", signUpPassword)).token;
      expect(await whoIs(url, early)).toBe(200);
    });
    // As docs/operate.md says: it is not refused, so one may go back.
    const migrated = await runCommand(["migrate"], env, { program });
    expect([migrated.code, migrated.stderr]).toEqual([0, expect.not.stringContaining("newer")]);
    await whileRuns(env, "old", async (url) => {
      await expectLogIns(url, { ...people, upgrader: signUpPassword });
      await signUpByMailbox(url, "between");
      const { token } = await logIn(url, "upgrader", signUpPassword);
      expect(await changePassword(url, token, signUpPassword, changedPassword)).toBe(200);
    });
    await whileRuns(env, "present", async (url) => {
      await expectLogIns(url, { ...people, between: signUpPassword, upgrader: changedPassword });
      expect((await logIn(url, "upgrader", signUpPassword)).status).toBe(400);
      // Attack: a token that the old program ended, because the password was stolen, is good again after the upgrade.
      expect(await whoIs(url, early)).toBe(401);
      await signUpByMailbox(url, "latecomer");
    });
  }

  test("goes on with the embedded database that it left, and hands it back", { timeout: limit }, async () => {
    const env = { DATA_DIR: join(data.path, "sqlite"), SECRET_KEY: releaseSecretKey };
    mkdirSync(env.DATA_DIR);
    copyFileSync(join(fixtures, `databases/${version}.sqlite3`), join(env.DATA_DIR, "meiduo.sqlite3"));
    await backAndForth(env, {
      ...{ xiaoming: releasePassword, 全民python: `${releasePassword}-new`, boss: releasePassword },
    });
  });

  test("goes on with its database on PostgreSQL, and hands it back", { timeout: limit }, async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query("create database accounts");
    await client.end();
    const url = postgres.url.replace(/\/postgres$/, "/accounts");
    const env = { DATA_DIR: join(data.path, "postgres"), SECRET_KEY: releaseSecretKey, DATABASE_URL: url };
    await whileRuns(env, "old", (api) => signUpByMailbox(api, "pioneer"));
    await backAndForth(env, { pioneer: signUpPassword });
  });

  test("where a migration asks for a newer program it refuses, and changes nothing", {
    timeout: limit,
  }, async () => {
    const env = { DATA_DIR: join(data.path, "newer"), SECRET_KEY: releaseSecretKey };
    const file = join(env.DATA_DIR, "meiduo.sqlite3");
    expect((await runCommand(["migrate"], env)).code).toBe(0);
    await needNewer(file);
    const before = dumpOf(file);
    for (const command of ["migrate", "serve"]) {
      const refused = await runCommand([command], { ...env, API_PORT: "0" }, { program });
      expect([command, refused.code, refused.stderr]).toEqual([
        ...[command, 1],
        expect.stringContaining("needs a newer version of the program"),
      ]);
    }
    expect(dumpOf(file)).toEqual(before);
  });
}

type Env = Record<string, string> & { DATA_DIR: string };

/** By a migration of a later program that none may run beside. */
async function needNewer(file: string): Promise<void> {
  const { files, level } = migrationFiles();
  const name = `${String(level + 1).padStart(4, "0")}-later.ts`;
  const url = pathToFileURL(join(file, "..", name));
  writeFileSync(url, `export const oldestProgram = ${level + 1};\nexport const up = async () => {};\n`);
  const db = openSqlite(file);
  try {
    const later = { files: [...files, { name, url }], level: level + 1 };
    expect(await migrate(db, systemClock, later)).toEqual([name]);
  } finally {
    await db.close();
  }
}

function dumpOf(file: string): unknown {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const rows = database.prepare("select name, sql from sqlite_master order by name").all();
    const tables = rows
      .map(({ name }) => String(name))
      .filter((name) => /^(users|schema_migrations)$/.test(name));
    return [rows, tables.map((table) => database.prepare(`select * from ${table} order by 1`).all())];
  } finally {
    database.close();
  }
}

async function logIn(
  url: string,
  username: string,
  password: string,
): Promise<{ status: number; token: string }> {
  const answer = await fetch(`${url}/users/authorizations/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username, password }),
  });
  const { token = "" } = (await answer.json()) as { token?: string };
  return { status: answer.status, token };
}

async function whoIs(url: string, token: string): Promise<number> {
  return (await fetch(`${url}/user/`, { headers: { authorization: `JWT ${token}` } })).status;
}

async function changePassword(url: string, token: string, current_password: string, password: string) {
  const answer = await fetch(`${url}/user/password/`, {
    method: "PUT",
    headers: { "content-type": "application/json", authorization: `JWT ${token}` },
    body: JSON.stringify({ current_password, password, password2: password }),
  });
  return answer.status;
}
