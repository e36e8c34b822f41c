import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";

/**
 * A server as its own process, pinned to one core, and what it costs: CPU time and memory as Linux counts
 * them. On other systems those are not available and are reported as null, never guessed.
 */
export interface ProcessUnderTest {
  readonly origin: string;
  readonly pid: number;
  /** CPU microseconds used so far, user and system, all threads. */
  cpuMicros(): number | null;
  /**
   * Its memory in bytes. `pss`, the proportional set size: its own pages and its share of those it shares, which are
   * Node's with every other process of the same Node. `resident`: all of them, as where it is the only one.
   */
  memory(): Memory | null;
  /** Ends it and resolves when it is gone. */
  stop(): Promise<void>;
}

export interface Memory {
  readonly pss: number;
  readonly resident: number;
}

export interface Launch {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
  /** Answered with 200 as soon as it is ready. */
  readonly readyPath: string;
  readonly logFile: string;
  /** Core to pin to; null leaves it free. */
  readonly core: number | null;
}

export const onLinux = process.platform === "linux";
/** Linux reports CPU time in hundredths of a second (USER_HZ, fixed at 100 towards user space). */
const microsPerTick = 10_000;

export async function launch({
  args,
  env,
  port,
  readyPath,
  logFile,
  core,
}: Launch): Promise<ProcessUnderTest> {
  const output = openSync(logFile, "a");
  const [command, parameters] = pinned(core, process.execPath, args);
  const child = spawn(command, parameters, {
    env: { ...process.env, ...env },
    stdio: ["ignore", output, output],
  });
  const origin = `http://127.0.0.1:${port}`;
  const pid = child.pid ?? 0;
  await answers(`${origin}${readyPath}`, child, logFile);
  return {
    origin,
    pid,
    cpuMicros: () => cpuMicrosOf(pid),
    memory: () => memoryOf(pid),
    stop: () => end(child),
  };
}

/** The command that runs on one core only. */
export function pinned(core: number | null, command: string, args: readonly string[]): [string, string[]] {
  return core === null || !onLinux
    ? [command, [...args]]
    : ["taskset", ["-c", String(core), command, ...args]];
}

export function cpuMicrosOf(pid: number): number | null {
  if (!onLinux) return null;
  // The second field, the command's name, may hold spaces; what follows its bracket doesn't.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * microsPerTick;
}

function memoryOf(pid: number): Memory | null {
  if (!onLinux) return null;
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]) * 1024;
  return { pss: bytes("Pss"), resident: bytes("Rss") };
}

export async function end(child: ChildProcess, group = false): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  // npm does not hand a signal on to what it started: a child spawned `detached` ends with its whole group.
  const signal = (name: NodeJS.Signals) => (group ? process.kill(-child.pid!, name) : child.kill(name));
  signal("SIGTERM");
  const impatience = setTimeout(() => signal("SIGKILL"), 10_000);
  await gone;
  clearTimeout(impatience);
}

async function answers(url: string, child: ChildProcess, logFile: string): Promise<void> {
  const until = performance.now() + 60_000;
  while (performance.now() < until) {
    if (child.exitCode !== null)
      throw new Error(`the server ended at once:\n${readFileSync(logFile, "utf8")}`);
    const response = await fetch(url).catch(() => null);
    await response?.arrayBuffer();
    if (response?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await end(child);
  throw new Error(`${url} did not answer within 60 s:\n${readFileSync(logFile, "utf8")}`);
}
