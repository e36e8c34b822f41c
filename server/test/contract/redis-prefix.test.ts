import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createBullmqJobs } from "../../src/engines/jobs/bullmq-runner.ts";
import { closeRedis, connectRedis, redisReady } from "../../src/engines/kv/redis-connection.ts";
import { redisKeys } from "../../src/engines/kv/redis-keys.ts";
import { createRedisKv } from "../../src/engines/kv/redis-kv.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { capturedLog } from "../support/log.ts";
import { notTested } from "../support/not-tested.ts";
import { waitUntil } from "../support/product-process.ts";
import { recordingJob } from "../support/recording-job.ts";
import { type RedisNodes, redisNodes } from "../support/redis-nodes.ts";
import { freshRedisUrl, hasProductionEngines, temporaryPostgres } from "../support/test-engines.ts";
import { emptyJob } from "../support/test-jobs.ts";
import { kvContract } from "./kv.contract.ts";

/** Several installations on one Redis, each under a REDIS_PREFIX of its own. */
if (hasProductionEngines) {
  let nodes: RedisNodes;
  let clusterUrl: string;
  beforeAll(async () => {
    nodes = redisNodes();
    clusterUrl = (await nodes.startCluster(0)).url;
  });
  afterAll(() => nodes.destroy());

  async function open(redisUrl: string, prefix: string) {
    const db = await temporaryPostgres();
    const { definition, ran } = recordingJob("test.job");
    const keys = redisKeys(prefix);
    const log = capturedLog();
    const client = connectRedis(redisUrl, "prompt", log);
    await redisReady(client, 5000);
    const bullmq = createBullmqJobs({
      ...{ redisUrl, db, clock: systemClock, log, keys },
      definitions: [definition],
    });
    return {
      ...{ ran, kv: createRedisKv(client, keys), ...bullmq },
      async close() {
        await bullmq.close();
        await closeRedis(client);
        await db.close();
      },
    };
  }

  kvContract("key-value store on Redis under a prefix", async () => {
    const client = connectRedis(await freshRedisUrl(), "prompt", capturedLog());
    await redisReady(client, 2000);
    return {
      kv: createRedisKv(client, redisKeys("shop")),
      async elapse(seconds) {
        for (const key of await client.keys("*")) {
          const left = (await client.pttl(key)) - seconds * 1000;
          await (left > 0 ? client.pexpire(key, left) : client.del(key));
        }
      },
      close: () => closeRedis(client),
    };
  });

  test.each([
    ["one server", freshRedisUrl],
    ["a Cluster", async () => clusterUrl],
  ] as const)("two installations on %s never see each other's codes and jobs", async (_, url) => {
    const redisUrl = await url();
    const [a, b, unnamed] = await Promise.all([open(redisUrl, "a"), open(redisUrl, "b"), open(redisUrl, "")]);
    try {
      await a.kv.set("code:{x}", "of a", 60);
      await b.kv.batch([{ verb: "set", key: "code:{x}", value: "of b", ttlSeconds: 60 }]);
      expect([await a.kv.get("code:{x}"), await b.kv.take("code:{x}")]).toEqual(["of a", "of b"]);
      expect(await unnamed.kv.get("code:{x}")).toBeNull();

      const ids = Array.from({ length: 12 }, (_, n) => `job-of-a-${n}`);
      // The others' workers are there first, and would have taken five of twelve.
      await Promise.all([b.runner.start(), unnamed.runner.start(), a.runner.start()]);
      for (const id of ids) await a.jobs.enqueue(emptyJob("test.job"), {}, { id });
      await b.jobs.enqueue(emptyJob("test.job"), {}, { id: "job-of-b" });
      await waitUntil(() => a.ran.length === 12 && b.ran.length === 1, 30, "all jobs");
      expect([a.ran.toSorted(), b.ran, unnamed.ran]).toEqual([ids.toSorted(), ["job-of-b"], []]);
    } finally {
      await Promise.all([a, b, unnamed].map(({ runner }) => runner.stop(5)));
      await Promise.all([a, b, unnamed].map((one) => one.close()));
    }
  });

  test("an account of Redis that may use the prefix's keys alone is enough", async () => {
    const server = await nodes.start();
    const admin = new Redis(server.port, "127.0.0.1");
    await admin.acl("SETUSER", "tenant", "on", ">pw", "resetkeys", "~shop:*", "+@all");
    const one = await open(`redis://tenant:pw@127.0.0.1:${server.port}`, "shop");
    try {
      await one.kv.batch([{ verb: "increment", key: "limit:{x}", limit: 3, ttlSeconds: 60 }]);
      await one.runner.start();
      await one.jobs.enqueue(emptyJob("test.job"), {}, { id: "one" });
      await waitUntil(() => one.ran.length === 1, 20, "the job");
      const strange = (await admin.keys("*")).filter((key) => !key.startsWith("shop:"));
      expect(strange).toEqual([]);
    } finally {
      await one.runner.stop(5);
      await one.close();
      await admin.quit();
    }
  });
} else notTested("PostgreSQL and Redis");
