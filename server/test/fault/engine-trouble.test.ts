import { join } from "node:path";
import { Redis } from "ioredis";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EngineServer, startPostgres, startRedis } from "../support/engines.ts";
import { notTested } from "../support/not-tested.ts";
import { dataFolder, productSecretKey, startProduct } from "../support/product-process.ts";
import { type Ended, runCommand } from "../support/run-command.ts";
import { startSmtpSink } from "../support/smtp-sink.ts";
import { hasProductionEngines } from "../support/test-engines.ts";
import { codeInMail, visitors } from "../support/visitors.ts";

/** Engines that take the connection and not the work: a start says what to do, and so does the doctor. */
if (hasProductionEngines) {
  let postgres: EngineServer;
  let redis: EngineServer;
  let admin: pg.Client;
  let redisAdmin: Redis;
  beforeAll(async () => {
    [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
    admin = new pg.Client({ connectionString: postgres.url });
    await admin.connect();
    redisAdmin = new Redis(redis.url);
  });
  afterAll(async () => {
    await admin?.end();
    await redisAdmin?.quit();
    await Promise.all([postgres?.destroy(), redis?.destroy()]);
  });
  let folder: ReturnType<typeof dataFolder>;
  beforeEach(() => {
    folder = dataFolder();
  });
  afterEach(() => folder.release());

  const run = (command: string[], env: Record<string, string>) =>
    runCommand(command, { SECRET_KEY: productSecretKey, DATA_DIR: folder.path, API_PORT: "0", ...env });

  /** One line, no stack, no password. */
  function expectOneSentence({ code, stdout, stderr }: Ended, about: RegExp): void {
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr.trim().split("\n"), stderr).toHaveLength(1);
    expect(stderr).toMatch(about);
    expect(stderr).not.toMatch(/hunter2|\n\s+at /);
  }
  async function failures(env: Record<string, string>): Promise<{ check: string; en: string; zh: string }[]> {
    const { stdout } = await run(["doctor", "--json"], env);
    const found = JSON.parse(stdout) as { check: string; level: string; en: string; zh: string }[];
    return found.filter(({ level, check }) => level === "fail" && /^(database|redis)/.test(check));
  }

  describe("PostgreSQL", () => {
    const urlOf = (role: string, database: string) =>
      postgres.url.replace("meiduo@", `${role}:hunter2@`).replace(/\/postgres$/, `/${database}`);
    beforeAll(async () => {
      await admin.query("create role shop login");
      for (const name of ["closed", "nowhere", "readonly"]) await admin.query(`create database ${name}`);
      await admin.query("alter role shop in database nowhere set search_path = ''");
      await admin.query("alter role shop in database readonly set default_transaction_read_only = on");
    });

    /** Those that may make the database say first which one it is; the others find none where they may not look. */
    async function commandsSay(env: { DATABASE_URL: string }, about: RegExp): Promise<void> {
      const from = join(folder.path, "source.sqlite3");
      expect((await run(["migrate"], { DATABASE_URL: `sqlite:${from}` })).code).toBe(0);
      const commands = [
        ["migrate"],
        ["createsuperuser", "--username", "boss"],
        ["move-data", "--from", `sqlite:${from}`, "--to", env.DATABASE_URL],
      ];
      for (const command of commands) {
        const { code, stderr, ...rest } = await run(command, env);
        const said = stderr.replace(/^Database 数据库 .*\n/, "");
        expectOneSentence({ code, stderr: said, ...rest }, about);
      }
      for (const command of [["jobs"], ["group", "list"]]) {
        expectOneSentence(await run(command, env), new RegExp(`${about.source}|There is no database yet`));
      }
    }

    test("a table of another's: one sentence that names it", async () => {
      await admin.query("create database foreigners");
      expect(
        (await run(["migrate"], { DATABASE_URL: postgres.url.replace(/postgres$/, "foreigners") })).code,
      ).toBe(0);
      const owner = new pg.Client({ connectionString: postgres.url.replace(/postgres$/, "foreigners") });
      await owner.connect();
      await owner.query(
        "grant usage, create on schema public to shop; grant select, insert on schema_migrations to shop",
      );
      await owner.end();
      const env = { DATABASE_URL: urlOf("shop", "foreigners") };
      const about = /permission denied for table \w+\): as the owner run GRANT ALL ON ALL TABLES/;
      expectOneSentence(await run(["serve"], env), about);
      expect((await failures(env)).map(({ en }) => en)).toEqual([expect.stringMatching(about)]);
    });

    test.each([
      [
        "a role without CREATE on its schema",
        "shop",
        "closed",
        /GRANT USAGE, CREATE ON SCHEMA "public" TO "shop"/,
      ],
      ["an empty search_path", "shop", "nowhere", /ALTER ROLE "shop" SET search_path = public/],
      ["a read-only database", "shop", "readonly", /read-only.*SET default_transaction_read_only = off/],
      ["a missing database", "shop", "missing", /createdb -O shop missing/],
      ["a missing role", "nobody1", "closed", /createuser --pwprompt nobody1/],
    ])(
      "%s: one sentence with the line to run, from the start, the commands and the doctor",
      async (_, role, name, about) => {
        const env = { DATABASE_URL: urlOf(role, name) };
        expectOneSentence(await run(["serve"], env), about);
        await commandsSay(env, about);
        const [failure, ...others] = await failures(env);
        expect(failure?.en).toMatch(about);
        expect(failure?.zh).toMatch(/请/);
        expect(others).toEqual([]);
      },
    );
  });

  describe("Redis", () => {
    afterEach(async () => {
      await redisAdmin.config("SET", "maxmemory-policy", "noeviction");
    });

    test("allkeys-lru is refused: it drops queued mails and says nothing", async () => {
      await redisAdmin.config("SET", "maxmemory-policy", "allkeys-lru");
      const env = { REDIS_URL: redis.url };
      for (const command of [["serve"], ["work"]])
        expectOneSentence(await run(command, env), /allkeys-lru.*CONFIG SET maxmemory-policy noeviction/);
      expect((await failures(env)).map(({ check }) => check)).toEqual(["redis-eviction"]);
    });

    describe("an account that may not run INFO", () => {
      const allow = async (...rules: string[]) => {
        await redisAdmin.acl("SETUSER", "silent", "reset", "on", ">hunter2", "~*", "&*", "+@all", ...rules);
        return { REDIS_URL: redis.url.replace("redis://", "redis://silent:hunter2@") };
      };

      test("has allkeys-lru found by CONFIG GET", async () => {
        await redisAdmin.config("SET", "maxmemory-policy", "allkeys-lru");
        const env = await allow("-info");
        expectOneSentence(await run(["work"], env), /allkeys-lru.*CONFIG SET maxmemory-policy noeviction/);
        expect((await failures(env)).map(({ check }) => check)).toEqual(["redis-eviction"]);
      });

      test("nor CONFIG GET: start and doctor say that it could not be checked, and jobs run all the same", async () => {
        await redisAdmin.config("SET", "maxmemory-policy", "allkeys-lru");
        const env = await allow("-info", "-config");
        const sink = await startSmtpSink();
        const settings = { ...env, SECRET_KEY: productSecretKey, DATABASE_URL: postgres.url };
        const mail = { SMTP_URL: sink.url, EMAIL_FROM: "accounts@meiduo.example" };
        const product = await startProduct("serve", { ...settings, ...mail });
        const worker = await startProduct("work", { ...settings, ...mail });
        try {
          const crowd = visitors(product.url);
          expect((await crowd.requestCode("silent@example.com")).status).toBe(200);
          await codeInMail(sink, "silent@example.com");
          for (const { output } of [product, worker]) {
            expect(output()).toContain("see that maxmemory-policy is noeviction");
            // Nothing that a package prints by itself.
            expect(output()).not.toMatch(/INFO command fails|highly recommended/);
          }
        } finally {
          await Promise.all([product.stop(), worker.stop()]);
          await sink.close();
        }
        const { stdout } = await run(["doctor", "--json"], env);
        const found = (JSON.parse(stdout) as { check: string; level: string; en: string }[])
          .filter(({ check }) => check.startsWith("redis"))
          .map(({ check, level, en }) => [check, level, /could not be checked.*\+info/.test(en)]);
        expect(found).toEqual([
          ["redis", "ok", false],
          ["redis-eviction", "warn", true],
          ["redis-persistence", "warn", true],
        ]);
      });
    });

    test.each([
      ["without scripts", ["~*", "+@all", "-eval", "-evalsha"], ""],
      ["with other keys than the prefix's", ["~other:*", "+@all"], "shop"],
      ["without writing", ["~*", "+@all", "-set"], ""],
    ])("an account %s is refused, told what to allow", async (_, rules, prefix) => {
      await redisAdmin.acl("SETUSER", "narrow", "reset", "on", ">hunter2", ...rules);
      const url = redis.url.replace("redis://", "redis://narrow:hunter2@");
      const env = { REDIS_URL: url, REDIS_PREFIX: prefix };
      expectOneSentence(await run(["work"], env), /account of Redis may not.*\+@scripting/);
      expect((await failures(env)).map(({ check }) => check)).toEqual(["redis"]);
    });

    test.each([
      [
        "full",
        ["config", "set", "maxmemory", "1"],
        ["config", "set", "maxmemory", "0"],
        /full.*raise maxmemory/,
      ],
      ["a replica", ["replicaof", "127.0.0.1", "1"], ["replicaof", "no", "one"], /replica.*name the master/],
    ] as const)("%s: the doctor says what to do", async (_, [begin, ...how], [end, ...back], about) => {
      await redisAdmin.call(begin, ...how);
      try {
        expect(await failures({ REDIS_URL: redis.url })).toMatchObject([
          { check: "redis", en: expect.stringMatching(about), zh: expect.stringMatching(/请/) },
        ]);
      } finally {
        await redisAdmin.call(end, ...back);
      }
    });

    test("a trial leaves nothing behind but the claim", async () => {
      const env = { DATABASE_URL: postgres.url, REDIS_URL: redis.url };
      expect((await run(["migrate"], env)).code).toBe(0);
      await redisAdmin.flushall();
      const listed = await run(["jobs"], env);
      expect([listed.code, listed.stderr]).toEqual([0, ""]);
      const keys = (await redisAdmin.keys("*")).filter((key) => !key.startsWith("{meiduo}:jobs:"));
      expect(keys).toEqual(["{meiduo}:installation"]);
    });
  });
} else notTested("PostgreSQL and Redis");
