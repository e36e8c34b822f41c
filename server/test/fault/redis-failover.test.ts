import { afterAll, beforeAll, expect, test } from "vitest";
import { connectRedis, redisReady } from "../../src/kv/redis-connection.ts";
import { createRedisKv } from "../../src/kv/redis-kv.ts";
import { AppError } from "../../src/lib/errors.ts";
import { capturedLog } from "../support/log.ts";
import { notTested } from "../support/not-tested.ts";
import { waitUntil } from "../support/product-process.ts";
import { type RedisNode, redisNodes } from "../support/redis-nodes.ts";
import { hasProductionEngines } from "../support/test-engines.ts";

/** A master, its replica and one Sentinel that needs a second of silence to act. */
if (hasProductionEngines) {
  const nodes = redisNodes();
  let master: RedisNode;
  let replica: RedisNode;
  let url: string;

  beforeAll(async () => {
    master = await nodes.start();
    replica = await nodes.start("--replicaof", "127.0.0.1", String(master.port));
    const synced = () => replica.cli("info", "replication").includes("link_status:up");
    await waitUntil(synced, 20, "the replica");
    const sentinel = await nodes.startSentinel(master, [
      "down-after-milliseconds mymaster 1000",
      "failover-timeout mymaster 3000",
    ]);
    url = `redis+sentinel://127.0.0.1:${sentinel.port}/mymaster/0`;
    const known = () => sentinel.cli("sentinel", "replicas", "mymaster").includes(String(replica.port));
    await waitUntil(known, 20, "a Sentinel that knows the replica");
  });
  afterAll(() => nodes.destroy());

  test("a Redis master killed: refused within 2 s meanwhile, the new master serves what the old one had", async () => {
    const client = connectRedis(url, "prompt", capturedLog());
    await redisReady(client, 5000);
    const kv = createRedisKv(client);
    try {
      await kv.set("kept", "value", 600);
      expect(master.cli("wait", "1", "2000")).toBe("1");
      await master.kill();
      let slowest = 0;
      const refusals: unknown[] = [];
      const served = async () => {
        const began = performance.now();
        try {
          return (await kv.add(`after-${refusals.length}`, "x", 60)).refused === false;
        } catch (error) {
          refusals.push(error);
          return false;
        } finally {
          slowest = Math.max(slowest, performance.now() - began);
        }
      };
      await waitUntil(served, 30, "the new master");
      expect(refusals.length).toBeGreaterThan(0);
      for (const refusal of refusals) {
        expect(refusal).toBeInstanceOf(AppError);
        expect((refusal as AppError).code).toBe("unavailable");
      }
      expect(slowest).toBeLessThan(2000);
      expect(await kv.get("kept")).toBe("value");
      expect(replica.cli("role").split("\n")[0]).toBe("master");
    } finally {
      await kv.close();
    }
  });
} else notTested("PostgreSQL and Redis");
