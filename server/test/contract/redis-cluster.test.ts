import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cluster, Redis } from "ioredis";
import Type from "typebox";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createBullmqJobs } from "../../src/jobs/bullmq-runner.ts";
import { connectRedis, redisReady } from "../../src/kv/redis-connection.ts";
import { createRedisKv } from "../../src/kv/redis-kv.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { redisBinary } from "../support/engines.ts";
import { freePort } from "../support/free-port.ts";
import { capturedLog } from "../support/log.ts";
import { notTested } from "../support/not-tested.ts";
import { waitUntil } from "../support/product-process.ts";
import { hasProductionEngines, temporaryPostgres } from "../support/test-engines.ts";
import { kvContract } from "./kv.contract.ts";

if (hasProductionEngines) {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-cluster-"));
  const stops: (() => Promise<void>)[] = [];
  let clusterUrl: string;
  let sentinelUrl: string;

  async function startServer(...parameters: string[]): Promise<number> {
    const port = await freePort();
    const home = join(folder, String(port));
    mkdirSync(home);
    const common = ["--port", String(port), "--bind", "127.0.0.1", "--dir", home, "--save", ""];
    const child = spawn(redisBinary() as string, [...common, ...parameters], { stdio: "ignore" });
    const gone = new Promise((resolve) => child.once("exit", resolve));
    process.once("exit", () => child.kill("SIGKILL"));
    stops.push(async () => {
      child.kill("SIGKILL");
      await gone;
    });
    await waitUntil(() => cli(port, "ping") === "PONG", 10, "a Redis server");
    return port;
  }

  function cli(port: number, ...command: string[]): string {
    return spawnSync("redis-cli", ["-p", String(port), ...command], { encoding: "utf8" }).stdout.trim();
  }

  beforeAll(async () => {
    const nodes: number[] = [];
    for (let i = 0; i < 3; i++) {
      // The bus listens 10000 above the port unless told otherwise; free ports may lie too high for that.
      const bus = String(await freePort());
      nodes.push(await startServer("--cluster-enabled", "yes", "--cluster-port", bus));
    }
    const ranges = [
      ["0", "5460"],
      ["5461", "10922"],
      ["10923", "16383"],
    ] as const;
    for (const [index, port] of nodes.entries()) cli(port, "cluster", "addslotsrange", ...ranges[index]!);
    for (const port of nodes.slice(1)) {
      const bus = /@(\d+)/.exec(cli(port, "cluster", "nodes"))?.[1] as string;
      cli(nodes[0] as number, "cluster", "meet", "127.0.0.1", String(port), bus);
    }
    await waitUntil(
      () => nodes.every((port) => cli(port, "cluster", "info").includes("cluster_state:ok")),
      20,
      "the Cluster",
    );
    clusterUrl = `redis+cluster://${nodes.map((port) => `127.0.0.1:${port}`).join()}`;

    const master = await startServer();
    const config = join(folder, "sentinel.conf");
    const { writeFileSync } = await import("node:fs");
    writeFileSync(config, `sentinel monitor mymaster 127.0.0.1 ${master} 1\n`);
    const port = await freePort();
    const sentinel = spawn(redisBinary() as string, [config, "--sentinel", "--port", String(port)], {
      stdio: "ignore",
    });
    const gone = new Promise((resolve) => sentinel.once("exit", resolve));
    stops.push(async () => {
      sentinel.kill("SIGKILL");
      await gone;
    });
    await waitUntil(() => cli(port, "sentinel", "masters").includes("mymaster"), 10, "the Sentinel");
    sentinelUrl = `redis+sentinel://127.0.0.1:${port}/mymaster/0`;
  });
  afterAll(async () => {
    await Promise.all(stops.map((stop) => stop()));
    rmSync(folder, { recursive: true, force: true });
  });

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
    const ran: string[] = [];
    const jobs = createBullmqJobs({
      redisUrl: form === "Cluster" ? clusterUrl : sentinelUrl,
      ...{ db, clock: systemClock, log: capturedLog() },
      definitions: [
        {
          name: "test.job",
          payload: Type.Object({}),
          attempts: 3,
          backoffSeconds: 1,
          backoffLimitSeconds: 1,
          handler: async (_, run) => {
            ran.push(run.id);
          },
        },
      ],
    });
    await jobs.runner.start();
    await jobs.jobs.enqueue("test.job", {}, { id: "direct" });
    await db.transaction((transaction) =>
      jobs.jobs.enqueueWith(transaction, "test.job", {}, { id: "outbox" }),
    );
    await waitUntil(() => ran.length === 2, 20, "both jobs");
    expect(ran.sort()).toEqual(["direct", "outbox"]);
    await jobs.runner.stop(5);
    await jobs.close();
    await db.close();
  });
} else notTested("PostgreSQL and Redis");
