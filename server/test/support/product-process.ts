import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { childrenOf } from "./engines.ts";
import { bareEnvironment } from "./false-clock.ts";
import { freePort } from "./free-port.ts";
import { testHashQueueLimit } from "./test-hash-queue-limit.ts";

/** The product as an operator runs it: a real process with an environment, which can be killed. */
export interface ProductProcess {
  readonly url: string;
  readonly pid: number;
  /** Everything it printed so far. */
  output(): string;
  /** SIGTERM; resolves with the exit code. One that is still there after 40 s is killed, and that is an error. */
  stop(): Promise<number | null>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** What a test has started, for the one who cleans up after it; see product-watch.ts. */
export interface StartedProduct {
  readonly name: string;
  readonly child: ChildProcess;
  readonly gone: Promise<number | null>;
  output(): string;
}

export const startedProducts = new Set<StartedProduct>();

const main = resolve(import.meta.dirname, "../../src/main.ts");
export const productSecretKey = "fault-tests-secret-key-0123456789abcdefghijklmnopqrstuv";
/** The product gives requests and jobs in hand 10 s, its API processes as much again, and then goes. */
const stopLimitSeconds = 40;

/** A data folder that `release` removes. */
export function dataFolder(): { path: string; release(): void } {
  const path = mkdtempSync(join(tmpdir(), "meiduo-fault-"));
  return { path, release: () => rmSync(path, { recursive: true, force: true }) };
}

/** Starts `serve`, `work` or another command and resolves once it says that it is ready. */
export async function startProduct(
  command: string,
  env: Record<string, string>,
  { until = "is ready", limitSeconds = 120, program = main, words = [] as readonly string[] } = {},
): Promise<ProductProcess> {
  const port = env.API_PORT ?? String(await freePort());
  const child = spawn(process.execPath, [program, command, ...words], {
    env: {
      ...{ ...bareEnvironment(), SECRET_KEY: productSecretKey, API_PORT: port, LOG_LEVEL: "warn" },
      ...{ HASH_QUEUE_LIMIT: testHashQueueLimit, ...env },
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const gone = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const orphaned = () => killTree(child);
  process.once("exit", orphaned);
  void gone.then(() => process.off("exit", orphaned));
  const started: StartedProduct = { name: command, child, gone, output: () => output };
  startedProducts.add(started);
  try {
    await waitUntil(() => output.includes(until) || hasEnded(child), limitSeconds, `"${until}"`);
  } catch (error) {
    killTree(child);
    await gone;
    throw error;
  }
  if (!output.includes(until)) throw new Error(`"${command}" did not start:\n${output.slice(-2000)}`);
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid as number,
    output: () => output,
    stop: () => stop(started),
    async kill() {
      if (!hasEnded(child)) child.kill("SIGKILL");
      await gone;
    },
  };
}

async function stop({ name, child, gone, output }: StartedProduct): Promise<number | null> {
  if (!hasEnded(child)) child.kill("SIGTERM");
  let overdue = false;
  const limit = setTimeout(() => {
    overdue = true;
    killTree(child);
  }, stopLimitSeconds * 1000);
  const code = await gone;
  clearTimeout(limit);
  if (overdue)
    throw new Error(`"${name}" did not stop within ${stopLimitSeconds} s:\n${output().slice(-2000)}`);
  return code;
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** SIGKILL to a process that may have started others, and to those. */
export function killTree(child: ChildProcess): void {
  const below = child.pid === undefined ? [] : descendants(child.pid);
  child.kill("SIGKILL");
  for (const pid of below) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
}

/** Every process that it started, and those that they started; each before its own. */
export function descendants(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);
}

/** Resolves when the condition holds; rejects after the time. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  limitSeconds: number,
  what = "the condition",
): Promise<void> {
  const until = performance.now() + limitSeconds * 1000;
  while (!(await condition())) {
    if (performance.now() > until) throw new Error(`${what} did not come true within ${limitSeconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
