import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePort } from "./engines.ts";

/** The product as an operator runs it: a real process with an environment, which can be killed. */
export interface ProductProcess {
  readonly url: string;
  readonly pid: number;
  /** Everything it printed so far. */
  output(): string;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

const main = resolve(import.meta.dirname, "../../src/main.ts");
export const productSecretKey = "fault-tests-secret-key-0123456789abcdefghijklmnopqrstuv";

/** A data folder that `release` removes. */
export function dataFolder(): { path: string; release(): void } {
  const path = mkdtempSync(join(tmpdir(), "meiduo-fault-"));
  return { path, release: () => rmSync(path, { recursive: true, force: true }) };
}

/** Starts `serve`, `work` or another command and resolves once it says that it is ready. */
export async function startProduct(
  command: string,
  env: Record<string, string>,
  { until = "is ready", limitSeconds = 60 } = {},
): Promise<ProductProcess> {
  const port = env.API_PORT ?? String(await freePort());
  const child = spawn(process.execPath, [main, command], {
    env: { PATH: process.env.PATH, SECRET_KEY: productSecretKey, API_PORT: port, LOG_LEVEL: "warn", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  const gone = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const orphaned = () => child.kill("SIGKILL");
  process.once("exit", orphaned);
  void gone.then(() => process.off("exit", orphaned));
  await waitUntil(() => output.includes(until) || child.exitCode !== null, limitSeconds);
  if (!output.includes(until)) {
    child.kill("SIGKILL");
    throw new Error(`"${command}" did not start:\n${output.slice(-2000)}`);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid as number,
    output: () => output,
    stop: () => end(child, "SIGTERM", gone),
    kill: async () => {
      await end(child, "SIGKILL", gone);
    },
  };
}

function end(child: ChildProcess, signal: NodeJS.Signals, gone: Promise<number | null>) {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  return gone;
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
