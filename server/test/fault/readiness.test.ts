import { Redis } from "ioredis";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EngineServer, startPostgres, startRedis } from "../support/engines.ts";
import { notTested } from "../support/not-tested.ts";
import { type ProductProcess, startProduct, waitUntil } from "../support/product-process.ts";
import { hasProductionEngines } from "../support/test-engines.ts";
import { visitors } from "../support/visitors.ts";

/** Engines that answer and can't work, as a PING and a `select 1` never notice. */
if (hasProductionEngines) {
  describe("readiness, where an engine answers and can't work", () => {
    let postgres: EngineServer;
    let redis: EngineServer;
    let api: ProductProcess;
    let redisAdmin: Redis;
    let postgresAdmin: pg.Client;
    beforeAll(async () => {
      [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
      api = await startProduct("serve", { DATABASE_URL: postgres.url, REDIS_URL: redis.url });
      redisAdmin = new Redis(redis.url);
      postgresAdmin = new pg.Client({ connectionString: postgres.url });
      await postgresAdmin.connect();
    });
    afterAll(async () => {
      await api?.stop();
      await redisAdmin?.quit();
      await postgresAdmin?.end();
      await Promise.all([postgres?.destroy(), redis?.destroy()]);
    });

    const readyz = async () => {
      const response = await fetch(`${api.url}/readyz`);
      return { status: response.status, body: await response.text() };
    };
    const set = (name: string, value: string) => redisAdmin.config("SET", name, value);
    const readOnly = async (value: "on" | "off") => {
      // The superuser may write this in a session that is itself read-only.
      await postgresAdmin.query("set default_transaction_read_only = off");
      await postgresAdmin.query(`alter system set default_transaction_read_only = ${value}`);
      await postgresAdmin.query("select pg_reload_conf()");
    };

    test.each([
      ["Redis is full", "kv", () => set("maxmemory", "1"), () => set("maxmemory", "0")],
      [
        "Redis is a replica that takes no writes",
        "kv",
        () => redisAdmin.replicaof("127.0.0.1", "1"),
        () => redisAdmin.call("REPLICAOF", "NO", "ONE"),
      ],
      ["PostgreSQL is read-only", "database", () => readOnly("on"), () => readOnly("off")],
    ] as const)(
      "%s: 503 that names %s and nothing else, 200 when it is over",
      async (_, part, spoil, mend) => {
        await waitUntil(async () => (await readyz()).status === 200, 20, "ready before");
        await spoil();
        try {
          await waitUntil(async () => (await readyz()).status === 503, 20, "not ready");
          const { body } = await readyz();
          const { checks } = JSON.parse(body) as { checks: Record<string, string> };
          expect(checks[part]).toBe("unavailable");
          expect(Object.keys(checks).toSorted()).toEqual(["database", "installation", "kv", "schema"]);
          expect(body).not.toMatch(/OOM|READONLY|maxmemory|read-only|replica|script/i);
          // What it says is what requests meet.
          const crowd = visitors(api.url);
          const met = part === "kv" ? await crowd.requestCode("full@example.com") : null;
          expect(met?.status ?? 503).toBe(503);
        } finally {
          await mend();
        }
        await waitUntil(async () => (await readyz()).status === 200, 20, "ready after");
      },
    );

    test("many who ask at once cost the engines one look", async () => {
      const count = async () =>
        Number(/cmdstat_set:calls=(\d+)/.exec(await redisAdmin.info("commandstats"))?.[1] ?? 0);
      const before = await count();
      const began = performance.now();
      const answers = await Promise.all(Array.from({ length: 200 }, readyz));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      // One every two seconds, however long the two hundred took.
      const looks = 2 + Math.floor((performance.now() - began) / 2000);
      expect((await count()) - before).toBeLessThanOrEqual(looks);
    });
  });
} else notTested("PostgreSQL and Redis");
