import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { redisBinary } from "./engines.ts";
import { freePort } from "./free-port.ts";
import { waitUntil } from "./product-process.ts";

/** Redis servers that know each other: a master and its replica, Sentinels, a Cluster; each a process of its own. */
export interface RedisNode {
  readonly port: number;
  /** The answer of redis-cli, trimmed. */
  cli(...command: string[]): string;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGSTOP: its connections stay open and nothing answers, redis-cli neither. */
  freeze(): void;
}

export interface RedisNodes {
  /** With redis-server's own parameters; `PORT` among them is the port it gets, for `--tls-port`. */
  start(...parameters: string[]): Promise<RedisNode>;
  /** One that watches the master as `mymaster`; `settings` are further lines about it, `parameters` its own. */
  startSentinel(
    master: RedisNode,
    settings?: readonly string[],
    parameters?: readonly string[],
  ): Promise<RedisNode>;
  /** Three masters with a third of the slots each, and as many replicas for each as asked for. */
  startCluster(replicasEach: number, ...parameters: string[]): Promise<RedisCluster>;
  destroy(): Promise<void>;
}

export interface RedisCluster {
  readonly masters: readonly RedisNode[];
  readonly replicas: readonly RedisNode[];
  readonly url: string;
  /**
   * Resolves when each replica has what its master had been told before. Compares their offsets, because WAIT
   * speaks only of the writes of the connection that asks, and redis-cli has none.
   */
  replicated(): Promise<void>;
}

const slots = [
  ["0", "5460"],
  ["5461", "10922"],
  ["10923", "16383"],
] as const;

export function redisNodes(): RedisNodes {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-redis-nodes-"));
  const started: RedisNode[] = [];

  async function run(port: number, parameters: readonly string[]): Promise<RedisNode> {
    const home = join(folder, String(port));
    mkdirSync(home);
    const child = spawn(redisBinary() as string, parameters, { stdio: "ignore", cwd: home });
    const node = nodeOf(port, child, parameters);
    started.push(node);
    await waitUntil(() => node.cli("ping") === "PONG", 60, "a Redis process");
    return node;
  }

  const start = (...parameters: string[]) => startFrom([], ["--save", "", ...parameters]);

  async function startFrom(first: readonly string[], parameters: readonly string[]): Promise<RedisNode> {
    const port = await freePort();
    const listens = parameters.includes("--tls-port") ? [] : ["--port", String(port)];
    const placed = parameters.map((parameter) => (parameter === "PORT" ? String(port) : parameter));
    return run(port, [...first, ...listens, "--bind", "127.0.0.1", ...placed]);
  }

  return {
    start,
    async startSentinel(master, settings = [], parameters = []) {
      const config = join(folder, `sentinel-of-${master.port}.conf`);
      const lines = [`monitor mymaster 127.0.0.1 ${master.port} 1`, ...settings];
      writeFileSync(config, lines.map((line) => `sentinel ${line}\n`).join(""));
      const sentinel = await startFrom([config, "--sentinel"], parameters);
      const knows = () => sentinel.cli("sentinel", "masters").includes("mymaster");
      await waitUntil(knows, 60, "the Sentinel");
      return sentinel;
    },
    async startCluster(replicasEach, ...parameters) {
      const nodes: RedisNode[] = [];
      while (nodes.length < slots.length * (1 + replicasEach)) {
        // The bus listens 10000 above the port unless told otherwise; free ports may lie too high for that.
        const bus = String(await freePort());
        nodes.push(await start("--cluster-enabled", "yes", "--cluster-port", bus, ...parameters));
      }
      const [masters, replicas] = [nodes.slice(0, slots.length), nodes.slice(slots.length)];
      for (const [index, node] of masters.entries()) node.cli("cluster", "addslotsrange", ...slots[index]!);
      const first = masters[0] as RedisNode;
      for (const node of nodes.slice(1)) {
        const bus = /@(\d+)/.exec(node.cli("cluster", "nodes"))?.[1] as string;
        first.cli("cluster", "meet", "127.0.0.1", String(node.port), bus);
      }
      const agree = () =>
        nodes.every((node) => node.cli("cluster", "info").includes(`cluster_known_nodes:${nodes.length}`));
      await waitUntil(agree, 60, "nodes that know each other");
      for (const [index, node] of replicas.entries()) {
        const id = (masters[index % masters.length] as RedisNode).cli("cluster", "myid");
        await waitUntil(() => node.cli("cluster", "replicate", id) === "OK", 60, "a replica's place");
      }
      const synced = () =>
        replicas.every((node) => node.cli("info", "replication").includes("link_status:up"));
      await waitUntil(synced, 60, "the replicas");
      const sound = () => nodes.every((node) => node.cli("cluster", "info").includes("cluster_state:ok"));
      await waitUntil(sound, 60, "the Cluster");
      const hosts = masters.map(({ port }) => `127.0.0.1:${port}`).join();
      async function replicated() {
        for (const [index, replica] of replicas.entries()) {
          const told = offset(masters[index % masters.length] as RedisNode);
          await waitUntil(() => offset(replica) >= told, 20, "what a master was told at its replica");
        }
      }
      return { masters, replicas, url: `redis+cluster://${hosts}`, replicated };
    },
    async destroy() {
      await Promise.all(started.map((node) => node.kill()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** How far a node is in its master's stream of writes; a master, in its own. */
function offset(node: RedisNode): number {
  const told = /master_repl_offset:(\d+)/.exec(node.cli("info", "replication"))?.[1];
  if (told === undefined) throw new Error("a Redis node does not say how far it is");
  return Number(told);
}

function nodeOf(port: number, child: ChildProcess, parameters: readonly string[]): RedisNode {
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const orphaned = () => child.kill("SIGKILL");
  // A test run that is interrupted leaves no server behind.
  process.once("exit", orphaned);
  void gone.then(() => process.off("exit", orphaned));
  const password = parameters[parameters.indexOf("--requirepass") + 1] as string;
  const secure = [
    ...(parameters.includes("--tls-port") ? ["--tls", "--insecure"] : []),
    ...(parameters.includes("--requirepass") ? ["-a", password, "--no-auth-warning"] : []),
  ];
  return {
    port,
    cli: (...command) =>
      spawnSync("redis-cli", [...secure, "-p", String(port), ...command], { encoding: "utf8" }).stdout.trim(),
    freeze: () => void child.kill("SIGSTOP"),
    async kill() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}
