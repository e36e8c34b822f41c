import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeRedis, connectRedis, redisReady } from "../../src/engines/kv/redis-connection.ts";
import { createRedisKv } from "../../src/engines/kv/redis-kv.ts";
import { AppError } from "../../src/errors/errors.ts";
import { capturedLog } from "../support/log.ts";
import { notTested } from "../support/not-tested.ts";
import { waitUntil } from "../support/product-process.ts";
import { type RedisNode, redisNodes } from "../support/redis-nodes.ts";
import { hasProductionEngines } from "../support/test-engines.ts";

/** A master, its replica and one Sentinel that needs a second of silence to act. */
if (hasProductionEngines) {
  describe.each([
    { form: "open", password: "", sentinelPassword: "" },
    {
      form: "with a password on Redis and another on the Sentinel",
      password: "of-redis",
      sentinelPassword: "of&s@h",
    },
  ])("Sentinel, $form", ({ password, sentinelPassword }) => {
    const nodes = redisNodes();
    let master: RedisNode;
    let replica: RedisNode;
    let url: string;

    beforeAll(async () => {
      const locked = password ? ["--requirepass", password, "--masterauth", password] : [];
      master = await nodes.start(...locked);
      replica = await nodes.start("--replicaof", "127.0.0.1", String(master.port), ...locked);
      const synced = () => replica.cli("info", "replication").includes("link_status:up");
      await waitUntil(synced, 20, "the replica");
      const settings = ["down-after-milliseconds mymaster 1000", "failover-timeout mymaster 3000"];
      const sentinel = await nodes.startSentinel(
        master,
        password ? [...settings, `auth-pass mymaster ${password}`] : settings,
        sentinelPassword ? ["--requirepass", sentinelPassword] : [],
      );
      const logIn = password ? `:${password}@` : "";
      const query = sentinelPassword ? `?sentinel_password=${encodeURIComponent(sentinelPassword)}` : "";
      url = `redis+sentinel://${logIn}127.0.0.1:${sentinel.port}/mymaster/0${query}`;
      const known = () => sentinel.cli("sentinel", "replicas", "mymaster").includes(String(replica.port));
      await waitUntil(known, 20, "a Sentinel that knows the replica");
    });
    afterAll(() => nodes.destroy());

    if (sentinelPassword) {
      test.each([
        ["none", "", /NOAUTH/],
        ["a wrong one", "?sentinel_password=hunter2", /WRONGPASS/],
        ["that of Redis", "?sentinel_password=of-redis", /WRONGPASS/],
      ])(
        "refused with %s as the Sentinel's password, and the log says why without it",
        async (_, query, reason) => {
          const log = capturedLog();
          const client = connectRedis(url.replace(/\?.*/, query), "prompt", log);
          try {
            await waitUntil(() => log.lines.length > 0, 20, "the refusal");
            const said = String(log.lines[0]?.fields.err);
            expect(said).toMatch(reason);
            expect(said).not.toMatch(/hunter2|of-redis/);
            expect(client.status).not.toBe("ready");
          } finally {
            await closeRedis(client);
          }
        },
      );
    }

    test("a Redis master killed: refused within 2 s meanwhile, the new master serves what the old one had", async () => {
      const client = connectRedis(url, "prompt", capturedLog());
      await redisReady(client, 5000);
      const kv = createRedisKv(client);
      try {
        await kv.set("kept", "value", 600);
        // WAIT would speak of redis-cli's own writes, of which there are none.
        const arrived = () => replica.cli("dbsize") === master.cli("dbsize") && replica.cli("dbsize") !== "0";
        await waitUntil(arrived, 10, "the value at the replica");
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
  });
} else notTested("PostgreSQL and Redis");
