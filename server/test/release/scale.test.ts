import { type ChildProcess, spawn } from "node:child_process";
import { pbkdf2Sync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fillSqlite } from "../../../bench/django-source.ts";
import { type EngineServer, missingEngines, startPostgres, startRedis } from "../support/engines.ts";
import { notTested } from "../support/not-tested.ts";
import {
  dataFolder,
  type ProductProcess,
  productSecretKey,
  startProduct,
} from "../support/product-process.ts";

/**
 * A million accounts, through the commands and the API as an operator uses them: everybody arrives, is found and can log
 * in, on SQLite and after the move to PostgreSQL, and no command keeps them all in memory. How long it takes is for
 * bench/import-django.ts to say.
 */
const users = 1_000_000;
/** What a command may hold at its most: a million accounts as objects are more than a gigabyte. */
const mostMegabytes = 640;
const password = "Known-Password-42";
const people = { staff: 1, last: users - 1 };
const main = resolve(import.meta.dirname, "../../src/main.ts");
const [missing] = missingEngines();

if (missing !== undefined) notTested(`a million accounts: ${missing} is missing`);
else {
  const folder = dataFolder();
  const dataDir = join(folder.path, "data");
  const source = join(folder.path, "django.sqlite3");
  const engines: EngineServer[] = [];
  const embedded = { DATA_DIR: dataDir, SECRET_KEY: productSecretKey };
  let pair: Record<string, string> = {};

  beforeAll(async () => {
    fillSqlite(source, users);
    const django = new DatabaseSync(source);
    const hash = pbkdf2Sync(password, "somesalt", 120_000, 32, "sha256").toString("base64");
    const known = django.prepare(
      "update tb_users set password = ?, is_staff = ?, is_superuser = ? where id = ?",
    );
    for (const id of Object.values(people)) {
      const isStaff = id === people.staff ? 1 : 0;
      known.run(`pbkdf2_sha256$120000$somesalt$${hash}`, isStaff, isStaff, id);
    }
    django.close();
    engines.push(await startPostgres(), await startRedis());
    const [postgres, redis] = engines as [EngineServer, EngineServer];
    pair = { ...embedded, DATABASE_URL: postgres.url, REDIS_URL: redis.url };
  }, 900_000);
  afterAll(async () => {
    await Promise.all(engines.map((one) => one.destroy()));
    folder.release();
  });

  test("everybody comes over from Django, and a second time nobody is added", async () => {
    const first = await run(["import-django", source, "--apply", "--json"], embedded);
    expect(first).toMatchObject({ users: { read: users, imported: users, already: 0, refused: 0 } });
    expect(first).toMatchObject({ bindings: { read: users / 10, imported: users / 10, refused: 0 } });
    const again = await run(["import-django", source, "--apply", "--json"], embedded);
    expect(again).toMatchObject({ users: { read: users, imported: 0, already: users, refused: 0 } });
  }, 1_800_000);

  test("on SQLite people are found and log in", () => served(embedded), 600_000);

  test("everybody goes out to Django's format", async () => {
    const file = join(folder.path, "export.json");
    expect(await run(["export-django", file, "--json"], embedded)).toMatchObject({ users });
    const back = await run(["import-django", file, "--apply", "--json"], {
      ...embedded,
      DATA_DIR: join(folder.path, "back"),
    });
    expect(back).toMatchObject({ users: { read: users, imported: users, refused: 0 } });
  }, 1_800_000);

  test("everybody moves to PostgreSQL", async () => {
    const from = `sqlite:${join(dataDir, "meiduo.sqlite3")}`;
    const to = pair.DATABASE_URL as string;
    const moved = await run(["move-data", "--from", from, "--to", to, "--json"], embedded);
    expect(JSON.stringify(moved)).toContain(String(users));
  }, 1_800_000);

  test("on PostgreSQL and Redis people are found and log in", () => served(pair), 600_000);
}

/** The main questions that people and staff have, of accounts at both ends of the table. */
async function served(env: Record<string, string>): Promise<void> {
  const api = await startProduct("serve", env);
  try {
    expect(await logIn(api, `user${people.last}`)).toMatchObject({ user_id: people.last });
    expect(await ask(api, `/users/usernames/user${people.last}/count/`)).toMatchObject({ count: 1 });
    expect(await ask(api, "/users/usernames/nobody-there/count/")).toMatchObject({ count: 0 });
    const { token } = await logIn(api, `user${people.staff}`);
    const list = async (query: string) => {
      const { results, next } = await ask(api, `/admin/users/?${query}`, token);
      return { ids: (results as { id: number }[]).map(({ id }) => id), next };
    };
    expect(await list("limit=2")).toEqual({ ids: [1, 2], next: 2 });
    expect(await list(`after=${users - 2}&limit=2`)).toEqual({ ids: [users - 1, users], next: null });
    expect((await list(`search=user${people.last}%40qq.com`)).ids).toEqual([people.last]);
    expect((await list("is_superuser=true")).ids).toEqual([people.staff]);
    expect((await list("search=nobody-there")).ids).toEqual([]);
  } finally {
    await api.stop();
  }
}

async function logIn(api: ProductProcess, username: string): Promise<{ user_id: number; token: string }> {
  const response = await fetch(`${api.url}/users/authorizations/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username, password }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as { user_id: number; token: string };
}

async function ask(api: ProductProcess, path: string, token?: string): Promise<Record<string, unknown>> {
  const headers = token === undefined ? {} : { authorization: `JWT ${token}` };
  const response = await fetch(`${api.url}${path}`, { headers });
  expect([path, response.status]).toEqual([path, 200]);
  return (await response.json()) as Record<string, unknown>;
}

/** Runs a command to its end, with its most memory as the kernel counts it (VmHWM), and reads what it prints as JSON. */
async function run(args: readonly string[], env: Record<string, string>): Promise<unknown> {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, LOG_LEVEL: "error", ...env },
  });
  let printed = "";
  let noted = "";
  child.stdout.on("data", (part) => {
    printed += part;
  });
  child.stderr.on("data", (part) => {
    noted = `${noted}${part}`.slice(-2000);
  });
  const most = watchMemory(child);
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect(code, noted).toBe(0);
  expect(most(), `${args[0]} holds ${most()} MB`).toBeLessThan(mostMegabytes);
  return JSON.parse(printed);
}

function watchMemory(child: ChildProcess): () => number {
  let most = 0;
  const timer = setInterval(() => {
    const status = statusOf(child.pid as number);
    most = Math.max(most, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
  }, 100);
  child.once("close", () => clearInterval(timer));
  return () => Math.round(most / 1024);
}

/** Empty for a process that has just ended. */
function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}
