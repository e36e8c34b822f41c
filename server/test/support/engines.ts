import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { realTime } from "./false-clock.ts";
import { freePort } from "./free-port.ts";

/**
 * Private PostgreSQL and Redis servers for tests, from Debian's binaries, each in a temporary folder on a free
 * port of 127.0.0.1. Servers that run on the machine already are never touched.
 */
export interface EngineServer {
  readonly url: string;
  /** Stops it as an outage would: connections break, data stay. */
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** SIGSTOP to all of its processes: connections stay open and nothing answers. */
  freeze(): void;
  thaw(): void;
  /** Stops it for good and removes its folder. */
  destroy(): Promise<void>;
}

const isRoot = process.getuid?.() === 0;

/** The folder of initdb and postgres, or null. */
export function postgresBinaries(): string | null {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = versions.map((version) => join(debian, version, "bin"));
  folders.push(...(process.env.PATH ?? "").split(":"));
  return folders.find((folder) => folder && existsSync(join(folder, "initdb"))) ?? null;
}

export function redisBinary(): string | null {
  const folders = ["/usr/bin", "/usr/local/bin", ...(process.env.PATH ?? "").split(":")];
  return folders.map((folder) => join(folder, "redis-server")).find((file) => existsSync(file)) ?? null;
}

/** What is not installed, with the way to install it; empty when both engines can be started. */
export function missingEngines(): string[] {
  return [
    ...(postgresBinaries() ? [] : ["PostgreSQL (apt-get install postgresql)"]),
    ...(redisBinary() ? [] : ["Redis (apt-get install redis-server)"]),
  ];
}

/** PostgreSQL refuses to run as root, so there it runs as Debian's user `postgres`. */
function asPostgresUser(command: string, parameters: string[]): [string, string[]] {
  return isRoot
    ? ["setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", command, ...parameters]]
    : [command, parameters];
}

/** With a certificate (PEM files) it takes TLS only. */
export async function startPostgres(tls?: { certificate: string; key: string }): Promise<EngineServer> {
  const binaries = postgresBinaries();
  if (!binaries) throw new Error("PostgreSQL is not installed: apt-get install postgresql");
  const folder = mkdtempSync(join(tmpdir(), "meiduo-postgres-"));
  const data = join(folder, "data");
  mkdirSync(data, { mode: 0o700 });
  if (tls) {
    copyFileSync(tls.certificate, join(folder, "server.crt"));
    copyFileSync(tls.key, join(folder, "server.key"));
    chmodSync(join(folder, "server.key"), 0o600);
  }
  if (isRoot) {
    const owned = spawnSync("chown", ["-R", "postgres:postgres", folder]);
    if (owned.status !== 0) throw new Error(`chown failed: ${owned.stderr}`);
  }
  const [initdb, initdbParameters] = asPostgresUser(join(binaries, "initdb"), [
    ...["-D", data, "-U", "meiduo", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
  ]);
  const made = spawnSync(initdb, initdbParameters, { encoding: "utf8", cwd: folder });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  if (tls) writeFileSync(join(data, "pg_hba.conf"), "hostssl all all 127.0.0.1/32 trust\n");
  const encryption = tls
    ? ["-c", "ssl=on", "-c", `ssl_cert_file=${folder}/server.crt`, "-c", `ssl_key_file=${folder}/server.key`]
    : [];
  const port = await freePort();
  const [postgres, parameters] = asPostgresUser(join(binaries, "postgres"), [
    ...["-D", data, "-p", String(port), "-k", folder, "-h", "127.0.0.1"],
    // Durability against power loss is not under test; everything else is as shipped.
    ...["-c", "fsync=off", "-c", "max_connections=200", "-c", "log_min_messages=fatal"],
    ...encryption,
  ]);
  const url = `postgres://meiduo@127.0.0.1:${port}/postgres`;
  // It listens before it has read its files, and refuses until then ("the database system is starting up").
  const ready = ["-q", "-h", "127.0.0.1", "-p", String(port), "-d", "postgres", "-U", "meiduo"];
  const isReady = () =>
    promisify(execFile)(join(binaries, "pg_isready"), ready).then(
      () => true,
      () => false,
    );
  // SIGINT: fast shutdown. setpriv replaces itself by postgres, so the signal reaches it.
  return supervised(
    url,
    port,
    folder,
    () => spawn(postgres, parameters, { stdio: "ignore", cwd: folder }),
    "SIGINT",
    isReady,
  );
}

export async function startRedis(): Promise<EngineServer> {
  const binary = redisBinary();
  if (!binary) throw new Error("Redis is not installed: apt-get install redis-server");
  const folder = mkdtempSync(join(tmpdir(), "meiduo-redis-"));
  const port = await freePort();
  // What a killed server wrote the system still has; against power loss nothing is tested, as with PostgreSQL.
  const parameters = [
    ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""],
    ...[
      "--databases",
      "5000",
      "--appendonly",
      "yes",
      "--appendfsync",
      "no",
      "--maxmemory-policy",
      "noeviction",
    ],
  ];
  const run = () => spawn(binary, parameters, { stdio: "ignore", cwd: folder, env: realTime() });
  // Started again it answers LOADING until it has read its file.
  const isReady = async () => (await firstWords(port, "PING\r\n")).startsWith("+PONG");
  return supervised(`redis://127.0.0.1:${port}`, port, folder, run, "SIGTERM", isReady);
}

/** `isReady`: whether it serves; by default what greets its visitors itself, as MariaDB does. */
export async function supervised(
  url: string,
  port: number,
  folder: string,
  run: () => ChildProcess,
  stopSignal: NodeJS.Signals,
  isReady: () => Promise<boolean> = async () => (await firstWords(port, "")) !== "",
): Promise<EngineServer> {
  let child: ChildProcess | null = null;
  const server: EngineServer = {
    url,
    async start() {
      child = run();
      const failed = new Promise<never>((_, reject) => {
        child?.once("exit", (code) => reject(new Error(`${url} ended with ${code} while starting`)));
      });
      failed.catch(() => {});
      await Promise.race([serves(url, isReady), failed]);
    },
    async stop() {
      const stopped = child;
      child = null;
      if (!stopped || stopped.exitCode !== null || stopped.signalCode !== null) return;
      const exited = new Promise((resolve) => stopped.once("exit", resolve));
      stopped.kill(stopSignal);
      await exited;
    },
    freeze: () => signalTree(child, "SIGSTOP"),
    thaw: () => signalTree(child, "SIGCONT"),
    async destroy() {
      server.thaw();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  // A test run that is interrupted leaves no server behind.
  process.once("exit", () => child?.kill("SIGKILL"));
  await server.start();
  return server;
}

function signalTree(child: ChildProcess | null, signal: NodeJS.Signals): void {
  if (child?.pid === undefined) return;
  for (const pid of [child.pid, ...childrenOf(child.pid)]) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      // PostgreSQL's own workers come and go.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** The processes that this one started, by any of its threads; none where there is no /proc. */
export function childrenOf(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8"));
    return lists.flatMap((text) => text.split(" ").filter(Boolean).map(Number));
  } catch {
    return [];
  }
}

/** Asks until it serves; rejects after 60 s, for the machine may be busy. */
async function serves(url: string, isReady: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + 60_000;
  while (performance.now() < until) {
    if (await isReady()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${url} does not serve after 60 s`);
}

/** What a server says first, to nothing or to a question; empty where it takes no connection. */
function firstWords(port: number, question: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection(port, "127.0.0.1", () => socket.write(question));
    socket.once("data", (words) => {
      resolve(words.toString("latin1"));
      socket.destroy();
    });
    socket.once("error", () => resolve("")).once("close", () => resolve(""));
  });
}
