import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRedisClaim } from "../../src/engines/kv/redis-claim.ts";
import { closeRedis, connectRedis, redisReady } from "../../src/engines/kv/redis-connection.ts";
import { redisKeys } from "../../src/engines/kv/redis-keys.ts";
import { capturedLog } from "../support/log.ts";
import { dataFolder } from "../support/product-process.ts";
import { runCommand } from "../support/run-command.ts";
import { freshPostgresUrl, freshRedisUrl, hasProductionEngines } from "../support/test-engines.ts";

let folder: ReturnType<typeof dataFolder>;
beforeEach(() => {
  folder = dataFolder();
});
afterEach(() => folder.release());

const key = (letter: string) => `secret-key-of-installation-${letter.repeat(20)}`;

/**
 * `jobs list` opens everything a worker opens, and ends. Beside all the other suites ten at once may find no engine in the seconds that
 * they give it; then the one who watches over it starts it once more, as systemd does.
 */
async function starts(env: Record<string, string>) {
  const list = () => runCommand(["jobs", "list"], { DATA_DIR: folder.path, ...env });
  const ended = await list();
  return /can't be reached/.test(ended.stderr) ? list() : ended;
}

/** Of nobody yet: `migrate` claims nothing. */
async function migratedUrl(): Promise<string> {
  const DATABASE_URL = await freshPostgresUrl();
  const env = { DATABASE_URL, DATA_DIR: folder.path, SECRET_KEY: key("m") };
  const { code, stderr } = await runCommand(["migrate"], env);
  expect(code, stderr).toBe(0);
  return DATABASE_URL;
}

async function winnersOf(starting: readonly ReturnType<typeof starts>[]): Promise<number> {
  const ended = await Promise.all(starting);
  for (const { code, stderr } of ended.filter(({ code }) => code !== 0)) {
    expect(code).toBe(1);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toMatch(/another installation|SECRET_KEY is not the one/);
    expect(stderr).toMatch(/take-over --yes/);
    expect(stderr).not.toContain("secret-key-of");
  }
  return ended.filter(({ code }) => code === 0).length;
}

test("two keys at once on one new embedded database: one wins", async () => {
  await runCommand(["migrate"], { DATA_DIR: folder.path, SECRET_KEY: key("m") });
  expect(await winnersOf(["a", "b"].map((letter) => starts({ SECRET_KEY: key(letter) })))).toBe(1);
}, 120_000);

if (hasProductionEngines) {
  test("two keys at once on one new PostgreSQL database: one wins", async () => {
    const DATABASE_URL = await migratedUrl();
    const both = ["a", "b"].map((letter) => starts({ DATABASE_URL, SECRET_KEY: key(letter) }));
    expect(await winnersOf(both)).toBe(1);
  }, 120_000);

  test("two installations at once on one Redis: one wins; under two prefixes both do", async () => {
    const REDIS_URL = await freshRedisUrl();
    const urls = await Promise.all([migratedUrl(), migratedUrl()]);
    // The same key: a site and its trial with a copied .env.
    const both = (prefixes: readonly string[]) =>
      urls.map((DATABASE_URL, n) =>
        starts({ DATABASE_URL, REDIS_URL, SECRET_KEY: key("k"), REDIS_PREFIX: prefixes[n]! }),
      );
    expect(await winnersOf(both(["shop", "shop"]))).toBe(1);
    expect(await winnersOf(both(["", ""]))).toBe(1);
    expect(await winnersOf(both(["one", "two"]))).toBe(2);
  }, 120_000);

  test("ten processes of one installation at once on new engines: all start", async () => {
    const env = { DATABASE_URL: await migratedUrl(), REDIS_URL: await freshRedisUrl() };
    const ten = Array.from({ length: 10 }, () => starts({ ...env, SECRET_KEY: key("k") }));
    expect(await winnersOf(ten)).toBe(10);
  }, 120_000);

  test("of fifty claims at once, on four connections, one owner comes out; a flush frees it", async () => {
    const url = await freshRedisUrl();
    const clients = Array.from({ length: 4 }, () => connectRedis(url, "prompt", capturedLog()));
    await Promise.all(clients.map((client) => redisReady(client, 2000)));
    const claims = clients.map((client) => createRedisClaim(client, redisKeys("shop")));
    const hold = () =>
      Promise.all(Array.from({ length: 50 }, (_, n) => claims[n % 4]!.hold(`installation ${n}`)));
    const first = await hold();
    expect(new Set(first).size).toBe(1);
    expect(await claims[0]!.owner()).toBe(first[0]);
    const admin = new Redis(url);
    await admin.flushdb();
    expect(await claims[0]!.owner()).toBeNull();
    expect(new Set(await hold()).size).toBe(1);
    await claims[1]!.take("another");
    expect(new Set(await hold())).toEqual(new Set(["another"]));
    await admin.quit();
    await Promise.all(clients.map(closeRedis));
  });
}
