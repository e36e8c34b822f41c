import cluster, { type Worker } from "node:cluster";
import { createServer, type ListenOptions } from "node:net";
import type { Log } from "../../kernel/log.ts";

/**
 * Several API processes on one port (WEB_CONCURRENCY). Promise: a process that dies is replaced after a
 * moment and the others serve on; a stop reaches every process and nobody is left behind. They share nothing
 * but the engines, exactly as processes on other machines do.
 *
 * On Linux each process listens for itself (SO_REUSEPORT) and the kernel spreads the connections: what waits for a
 * process that is killed is reset at once, and the client tries again. Node's own way, by which this process takes
 * every connection and hands it on, loses the one that was on its way to the killed process: it stays open and is
 * never answered (measured November 2026: a client of killed-processes.test.ts waited in every third run).
 */
export interface Processes {
  stop(limitSeconds: number): Promise<void>;
}

const sharesByKernel = process.platform === "linux";
const serving = "serving";

/** How an API process listens: on Linux beside the others on the same port. */
export function listenOptions<At extends { readonly host: string; readonly port: number }>(
  at: At,
): ListenOptions & At {
  const shared = isApiProcess() && sharesByKernel;
  return { ...at, ...(shared ? { reusePort: true, exclusive: true } : {}) };
}

/** Tells the process that started this one that it takes connections. */
export function reportServing(): void {
  if (isApiProcess()) process.send?.(serving);
}

export interface ProcessesOptions {
  readonly count: number;
  readonly host: string;
  readonly port: number;
  readonly env: Record<string, string>;
  readonly log: Log;
  /** An open file that is the port's socket already; every process listens on it. */
  readonly socket?: number | undefined;
}

/** Starts `count` copies of this command as API processes; resolves when all of them take connections. */
export async function startProcesses(options: ProcessesOptions): Promise<Processes> {
  const { count, env, log, socket } = options;
  // The socket itself is handed on, not connections that this process took: each process takes its own.
  if (socket !== undefined) cluster.schedulingPolicy = cluster.SCHED_NONE;
  // Sharing a port means sharing it with whoever shares it: a second product must be refused here.
  if (sharesByKernel && socket === undefined) await refuseOccupied(options.host, options.port);
  let stopping = false;

  function fork(): Promise<void> {
    const child = cluster.fork(env);
    const began = performance.now();
    return new Promise((resolve, reject) => {
      child.on("message", (message) => {
        if (message === serving) resolve();
      });
      child.once("exit", (code, signal) => {
        reject(new Error(`an API process ended while starting (${signal ?? code})`));
        replace(child, performance.now() - began, signal ?? code);
      });
    });
  }

  function replace(child: Worker, livedMillis: number, reason: string | number) {
    if (stopping) return;
    log.error({ pid: child.process.pid, reason }, "an API process ended");
    // One that can't start must not be started a thousand times a second.
    const pause = livedMillis < 10_000 ? 1000 : 0;
    setTimeout(() => {
      if (stopping) return;
      fork().then(
        () => log.warn({ replaced: child.process.pid }, "the replacement serves"),
        (error: unknown) => log.error({ err: error }, "the replacement did not start"),
      );
    }, pause).unref();
  }

  const started = Array.from({ length: count }, fork);
  try {
    await Promise.all(started);
  } catch (error) {
    stopping = true;
    for (const child of Object.values(cluster.workers ?? {})) child?.process.kill("SIGTERM");
    throw error;
  }
  return {
    async stop(limitSeconds) {
      stopping = true;
      const children = Object.values(cluster.workers ?? {}).filter((child) => child !== undefined);
      await Promise.all(
        children.map((child) => {
          const ended = new Promise((resolve) => child.once("exit", resolve));
          child.process.kill("SIGTERM");
          const limit = setTimeout(() => child.process.kill("SIGKILL"), limitSeconds * 1000);
          return ended.finally(() => clearTimeout(limit));
        }),
      );
    },
  };
}

/** Rejects with EADDRINUSE, as listening does, when anybody else has the port. */
function refuseOccupied(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

/** Whether this process was started by `startProcesses`. */
export function isApiProcess(): boolean {
  return cluster.isWorker;
}

/** Calls back when the process that started this one is gone: without it nobody would ever stop this one. */
export function onParentLost(callback: () => void): void {
  if (cluster.isWorker) process.once("disconnect", callback);
}
