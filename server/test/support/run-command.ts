import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { bareEnvironment } from "./false-clock.ts";

/** How a run of the product ended that was not to stay. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly limitSeconds?: number;
  readonly cwd?: string;
  readonly program?: string;
  readonly signal?: AbortSignal;
}

const main = resolve(import.meta.dirname, "../../src/main.ts");

/**
 * Runs the product's command line, or another `program`, to its end. Rejects when it still runs after the time. The
 * signal kills it (SIGKILL).
 */
export function runCommand(
  args: readonly string[],
  env: Record<string, string>,
  { limitSeconds = 120, cwd = process.cwd(), program = main, signal }: RunOptions = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { ...bareEnvironment(), LOG_LEVEL: "error", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  signal?.addEventListener("abort", () => child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${args.join(" ")} still ran after ${limitSeconds} s:\n${stdout}${stderr}`));
    }, limitSeconds * 1000);
    child.once("close", (code) => {
      clearTimeout(late);
      resolve({ code, stdout, stderr });
    });
  });
}
