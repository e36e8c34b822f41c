import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { childrenOf } from "../server/test/support/engines.ts";
import { atEnd } from "./at-end.ts";

/**
 * A server as its own process, pinned to one core, and what it costs: CPU time and memory as Linux counts
 * them. On other systems those are not available and are reported as null, never guessed.
 */
export interface ProcessUnderTest {
  readonly origin: string;
  /** CPU microseconds used so far, user and system, all threads, and those of the processes it started. */
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
  readonly command: readonly string[];
  /** The folder it runs in; by default this process' own. */
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Core to pin to; null leaves it free. */
  readonly core: number | null;
}

export const onLinux = process.platform === "linux";
/** Linux reports CPU time in hundredths of a second (USER_HZ, fixed at 100 towards user space). */
const microsPerTick = 10_000;

/** Starts it with its output in the log file. Its process group ends with this process at the latest. */
export function startProcess({ command, cwd, env, logFile, core }: Launch): ChildProcess {
  const output = openSync(logFile, "a");
  const [name, args] = pinned(core, command[0] ?? "", command.slice(1));
  const child = spawn(name, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...env },
    stdio: ["ignore", output, output],
    detached: true,
  });
  const forget = atEnd(() => killGroup(child, "SIGKILL"));
  child.once("exit", forget);
  return child;
}

/** Starts a server and resolves when `readyPath` answers 200. */
export async function launch({
  port,
  readyPath,
  ...how
}: Launch & { readonly port: number; readonly readyPath: string }): Promise<ProcessUnderTest> {
  const child = startProcess(how);
  const origin = `http://127.0.0.1:${port}`;
  await answers(`${origin}${readyPath}`, child, how.logFile);
  const pid = workingProcess(child.pid ?? 0);
  return {
    origin,
    cpuMicros: () => cpuMicrosOf(pid),
    memory: () => memoryOf(pid),
    stop: () => end(child),
  };
}

/** The process that does the work: a launcher waits for the one child it has. */
export function workingProcess(pid: number): number {
  const [only, ...others] = childrenOf(pid);
  return only === undefined || others.length > 0 ? pid : workingProcess(only);
}

/** The command that runs on one core only. */
export function pinned(core: number | null, command: string, args: readonly string[]): [string, string[]] {
  return core === null || !onLinux
    ? [command, [...args]]
    : ["taskset", ["-c", String(core), command, ...args]];
}

/** Of a process and those it started, as far as they are still there. */
export function cpuMicrosOf(pid: number): number | null {
  if (!onLinux) return null;
  return childrenOf(pid).reduce((sum, child) => sum + (cpuMicrosOf(child) ?? 0), ownCpuMicrosOf(pid));
}

/** Of a process alone; on Linux only. */
export function ownCpuMicrosOf(pid: number): number {
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

/** `group`: npm does not hand a signal on to what it started, so all of its group get it. */
export async function end(child: ChildProcess, group = false): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  if (group) killGroup(child, "SIGTERM");
  else child.kill("SIGTERM");
  const impatience = setTimeout(() => killGroup(child, "SIGKILL"), 10_000);
  await gone;
  clearTimeout(impatience);
}

/** A child that is spawned `detached` leads a group of its own. */
function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-child.pid!, signal);
  } catch (error) {
    // All of them are gone already.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function answers(url: string, child: ChildProcess, logFile: string): Promise<void> {
  const until = performance.now() + 60_000;
  while (performance.now() < until) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the server ended at once:\n${readFileSync(logFile, "utf8")}`);
    const response = await fetch(url).catch(() => null);
    await response?.arrayBuffer();
    if (response?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await end(child);
  throw new Error(`${url} did not answer within 60 s:\n${readFileSync(logFile, "utf8")}`);
}
