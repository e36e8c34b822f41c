import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { openPostgres } from "../../src/engines/database/postgres.ts";
import { bareEnvironment } from "../support/false-clock.ts";
import { dataFolder, productSecretKey } from "../support/product-process.ts";
import { freshPostgresUrl, hasProductionEngines } from "../support/test-engines.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;

function migrateIn(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [main, "migrate"], {
    env: { ...bareEnvironment(), SECRET_KEY: productSecretKey, ...env },
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  return new Promise((resolve) => child.once("exit", (code) => resolve({ code, output })));
}

const all = (env: Record<string, string>) =>
  Promise.all(Array.from({ length: 10 }, () => migrateIn(env))).then((runs) => {
    expect(runs.filter((run) => run.code !== 0)).toEqual([]);
    const applied = runs.flatMap((run) => /Applied: (.*)/.exec(run.output)?.[1]?.split(", ") ?? []);
    return applied.sort();
  });

test("ten processes at once on one embedded database: each migration is applied once, nobody fails", async () => {
  const folder = dataFolder();
  const applied = await all({ DATA_DIR: folder.path });
  expect(applied.length).toBeGreaterThan(1);
  expect(new Set(applied).size).toBe(applied.length);
  folder.release();
}, 120_000);

if (hasProductionEngines) {
  test("ten processes at once on one PostgreSQL database: each migration is applied once, nobody fails", async () => {
    const url = await freshPostgresUrl();
    const applied = await all({ DATABASE_URL: url });
    expect(applied.length).toBeGreaterThan(1);
    expect(new Set(applied).size).toBe(applied.length);
    const db = openPostgres({ url, poolSize: 1 });
    const rows = await db.kysely.selectFrom("schema_migrations").select("name").execute();
    expect(rows.map((row) => row.name).sort()).toEqual(applied);
    await db.close();
  }, 120_000);
}
