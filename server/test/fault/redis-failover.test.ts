import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectRedis, redisReady } from "../../src/kv/redis-connection.ts";
import { createRedisKv } from "../../src/kv/redis-kv.ts";
import { AppError } from "../../src/lib/errors.ts";
import { redisBinary } from "../support/engines.ts";
import { freePort } from "../support/free-port.ts";
import { capturedLog } from "../support/log.ts";
import { notTested } from "../support/not-tested.ts";
import { waitUntil } from "../support/product-process.ts";
import { hasProductionEngines } from "../support/test-engines.ts";

/** A master, its replica and one Sentinel that needs a second of silence to act. */
if (hasProductionEngines) {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-failover-"));
  const children: ChildProcess[] = [];
  let master: { port: number; child: ChildProcess };
  let replica: { port: number };
  let url: string;

  const cli = (port: number, ...command: string[]) =>
    spawnSync("redis-cli", ["-p", String(port), ...command], { encoding: "utf8" }).stdout.trim();

  async function start(parameters: (port: number) => string[]) {
    const port = await freePort();
    const home = join(folder, String(port));
    mkdirSync(home);
    const child = spawn(redisBinary() as string, parameters(port), { stdio: "ignore", cwd: home });
    children.push(child);
    process.once("exit", () => child.kill("SIGKILL"));
    await waitUntil(() => cli(port, "ping") === "PONG", 10, "a Redis process");
    return { port, child };
  }
  const server = (...more: string[]) =>
    start((port) => ["--port", String(port), "--bind", "127.0.0.1", "--save", "", ...more]);

  beforeAll(async () => {
    master = await server();
    replica = await server("--replicaof", "127.0.0.1", String(master.port));
    await waitUntil(
      () => cli(replica.port, "info", "replication").includes("link_status:up"),
      20,
      "the replica",
    );
    const config = join(folder, "sentinel.conf");
    const lines = ["monitor mymaster 127.0.0.1 PORT 1", "down-after-milliseconds mymaster 1000"];
    lines.push("failover-timeout mymaster 3000");
    writeFileSync(
      config,
      lines
        .map((line) => `sentinel ${line}\n`)
        .join("")
        .replace("PORT", String(master.port)),
    );
    const sentinel = await start((port) => [
      config,
      "--sentinel",
      "--port",
      String(port),
      "--bind",
      "127.0.0.1",
    ]);
    url = `redis+sentinel://127.0.0.1:${sentinel.port}/mymaster/0`;
    const known = () => cli(sentinel.port, "sentinel", "replicas", "mymaster").includes(String(replica.port));
    await waitUntil(known, 20, "a Sentinel that knows the replica");
  });
  afterAll(async () => {
    const ends = children.map((child) => {
      const ended = child.exitCode !== null || child.signalCode !== null;
      const gone = ended ? Promise.resolve() : new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      return gone;
    });
    await Promise.all(ends);
    rmSync(folder, { recursive: true, force: true });
  });

  test("a Redis master killed: refused within 2 s meanwhile, the new master serves what the old one had", async () => {
    const client = connectRedis(url, "prompt", capturedLog());
    await redisReady(client, 5000);
    const kv = createRedisKv(client);
    try {
      await kv.set("kept", "value", 600);
      expect(cli(master.port, "wait", "1", "2000")).toBe("1");
      master.child.kill("SIGKILL");
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
      expect(cli(replica.port, "role").split("\n")[0]).toBe("master");
    } finally {
      await kv.close();
    }
  });
} else notTested("PostgreSQL and Redis");
