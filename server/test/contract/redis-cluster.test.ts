import type { Cluster, Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createBullmqJobs } from "../../src/engines/jobs/bullmq-runner.ts";
import { connectRedis, redisReady } from "../../src/engines/kv/redis-connection.ts";
import { createRedisKv } from "../../src/engines/kv/redis-kv.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { capturedLog } from "../support/log.ts";
import { notTested } from "../support/not-tested.ts";
import { waitUntil } from "../support/product-process.ts";
import { recordingJob } from "../support/recording-job.ts";
import { redisNodes } from "../support/redis-nodes.ts";
import { hasProductionEngines, temporaryPostgres } from "../support/test-engines.ts";
import { emptyJob } from "../support/test-jobs.ts";
import { kvContract } from "./kv.contract.ts";

if (hasProductionEngines) {
  const nodes = redisNodes();
  let clusterUrl: string;
  let sentinelUrl: string;

  beforeAll(async () => {
    clusterUrl = (await nodes.startCluster(0)).url;
    const sentinel = await nodes.startSentinel(await nodes.start());
    sentinelUrl = `redis+sentinel://127.0.0.1:${sentinel.port}/mymaster/0`;
  });
  afterAll(() => nodes.destroy());

  const makeOlder = async (node: Redis, seconds: number) => {
    for (const key of await node.keys("*")) {
      const left = (await node.pttl(key)) - seconds * 1000;
      await (left > 0 ? node.pexpire(key, left) : node.del(key));
    }
  };

  kvContract("key-value store on Redis Cluster", async () => {
    const client = connectRedis(clusterUrl, "prompt", capturedLog()) as Cluster;
    await redisReady(client, 5000);
    const kv = createRedisKv(client);
    return {
      kv,
      elapse: async (seconds) => {
        await Promise.all(client.nodes("master").map((node) => makeOlder(node, seconds)));
      },
      close: () => kv.close(),
    };
  });

  kvContract("key-value store on Redis behind Sentinel", async () => {
    const client = connectRedis(sentinelUrl, "prompt", capturedLog()) as Redis;
    await redisReady(client, 5000);
    const kv = createRedisKv(client);
    return { kv, elapse: (seconds) => makeOlder(client, seconds), close: () => kv.close() };
  });

  test.each(["Cluster", "Sentinel"])("jobs run on BullMQ with Redis %s", async (form) => {
    const db = await temporaryPostgres();
    const { definition, ran } = recordingJob("test.job");
    const jobs = createBullmqJobs({
      redisUrl: form === "Cluster" ? clusterUrl : sentinelUrl,
      ...{ db, clock: systemClock, log: capturedLog() },
      definitions: [definition],
    });
    await jobs.runner.start();
    await jobs.jobs.enqueue(emptyJob("test.job"), {}, { id: "direct" });
    await db.transaction((transaction) =>
      jobs.jobs.enqueueWith(transaction, emptyJob("test.job"), {}, { id: "outbox" }),
    );
    await waitUntil(() => ran.length === 2, 20, "both jobs");
    expect(ran.sort()).toEqual(["direct", "outbox"]);
    await jobs.runner.stop(5);
    await jobs.close();
    await db.close();
  });
} else notTested("PostgreSQL and Redis");
