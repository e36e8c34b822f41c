import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Redis } from "ioredis";
import { describe, expect, test } from "vitest";
import {
  backUp,
  type Env,
  envOf,
  inFolder,
  makeSite,
  run,
  useFolders,
  versions,
} from "../support/backed-up-site.ts";
import { enginePairs, freshPostgresUrl } from "../support/test-engines.ts";

useFolders();

/** What a restore finds in its place: the file of before, other programs' keys, accounts. */
describe("the embedded database", () => {
  test("the file of before is kept; a backup put in its place as it is starts nothing", async () => {
    const env = await envOf("sqlite", "site");
    await makeSite(env);
    await backUp(env);
    const done = await run(
      env,
      "restore",
      inFolder("backup.sqlite3"),
      "--yes",
      "--deleted",
      "none",
      "--json",
    );
    const { kept: old } = JSON.parse(done.out) as { kept: string };
    expect(statSync(old).mode & 0o777).toBe(0o600);
    expect(new DatabaseSync(old, { readOnly: true }).prepare("select count(*) as n from jobs").get()!.n).toBe(
      3,
    );

    const file = join(env.DATA_DIR!, "meiduo.sqlite3");
    writeFileSync(file, readFileSync(inFolder("backup.sqlite3")));
    for (const line of [["migrate"], ["user", "show", "xiaoming"]]) {
      const refused = await run(env, ...line);
      expect([line, refused.code]).toEqual([line, 1]);
      expect(refused.said).toContain("is a backup as it is");
    }
  });

  test("a start that opened the old file before it was replaced writes to neither", async () => {
    const env = await envOf("sqlite", "site");
    await makeSite(env);
    await backUp(env);
    // Opened, and nothing read yet: no lock shows it.
    const late = new DatabaseSync(join(env.DATA_DIR!, "meiduo.sqlite3"));
    expect((await run(env, "restore", inFolder("backup.sqlite3"), "--yes", "--deleted", "none")).code).toBe(
      0,
    );
    expect(() => late.exec("pragma journal_mode = wal")).toThrow();
    late.close();
    expect(await versions(env)).toHaveLength(2);
    expect((await run(env, "user", "show", "xiaoming")).code).toBe(0);
  });

  test("a folder that can't be written is said, and no file is left", async () => {
    const env = await envOf("sqlite", "site");
    await makeSite(env);
    const refused = await run(env, "backup", inFolder("nowhere/backup.sqlite3"));
    expect([refused.code, refused.said]).toEqual([1, expect.stringContaining("there is no such folder")]);
  });
});

if (enginePairs.length === 2) {
  describe("PostgreSQL and Redis", () => {
    test.each(["", "shop"])("with the prefix %j, what is others' stays in Redis", async (prefix) => {
      const env: Env = {
        ...(await envOf("postgres+redis", "site")),
        ...(prefix !== "" && { REDIS_PREFIX: prefix }),
      };
      await makeSite(env);
      await backUp(env);
      const redis = new Redis(env.REDIS_URL!);
      const start = prefix === "" ? "" : `${prefix}:`;
      const queue = prefix === "" ? "{meiduo}" : `${prefix}:{${prefix}}`;
      const ours = [`${start}{a}:flag:b`, `${start}{a}:guesses`, `${start}{a}:code:register`];
      const theirs = ["other:{a}:flag:b", "session:1", "shopping:{a}:flag", "{a}:orders"];
      for (const name of [...ours, `${queue}:jobs:1`, ...theirs]) await redis.set(name, "1");
      const target = { ...env, DATABASE_URL: await freshPostgresUrl() };
      const done = await run(
        target,
        "restore",
        inFolder("backup.sqlite3"),
        "--yes",
        "--deleted",
        "none",
        "--json",
      );
      expect([done.code, done.said]).toEqual([0, ""]);
      expect(JSON.parse(done.out).redisKeys).toBe(4);
      expect((await redis.keys("*")).toSorted()).toEqual(theirs.toSorted());
      await redis.quit();
    });

    test("another installation's Redis is refused", async () => {
      const env = await envOf("postgres+redis", "site");
      await makeSite(env);
      await backUp(env);
      const redis = new Redis(env.REDIS_URL!);
      await redis.set("{meiduo}:installation", "somebody else");
      const target = { ...env, DATABASE_URL: await freshPostgresUrl() };
      const refused = await run(target, "restore", inFolder("backup.sqlite3"), "--yes", "--deleted", "none");
      expect([refused.code, refused.said]).toEqual([1, expect.stringContaining("another installation's")]);
      expect(await redis.keys("*")).toEqual(["{meiduo}:installation"]);
      await redis.quit();
    });

    test("a database that holds something is refused", async () => {
      const env = await envOf("postgres+redis", "site");
      await makeSite(env);
      await backUp(env);
      const redis = new Redis(env.REDIS_URL!);
      await redis.set("{a}:flag:b", "1");
      const other = await envOf("postgres+redis", "other");
      await makeSite({ ...other, REDIS_URL: env.REDIS_URL! });
      const refused = await run(
        { ...other, REDIS_URL: env.REDIS_URL! },
        "restore",
        inFolder("backup.sqlite3"),
        "--yes",
        ...["--deleted", "none"],
      );
      expect([refused.code, refused.said]).toEqual([1, expect.stringContaining("has accounts already")]);
      expect(await redis.keys("*")).toEqual(["{a}:flag:b"]);
      await redis.quit();
    });
  });
}
