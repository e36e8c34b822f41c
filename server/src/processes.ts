import cluster, { type Worker } from "node:cluster";
import type { Log } from "./lib/log.ts";

/**
 * Several API processes on one port (WEB_CONCURRENCY). Promise: a process that dies is replaced after a
 * moment and the others serve on; a stop reaches every process and nobody is left behind. They share nothing
 * but the engines, exactly as processes on other machines do.
 */
export interface Processes {
  stop(limitSeconds: number): Promise<void>;
}

/** Starts `count` copies of this command as API processes; resolves when all of them take connections. */
export async function startProcesses(
  count: number,
  env: Record<string, string>,
  log: Log,
): Promise<Processes> {
  let stopping = false;

  function fork(): Promise<void> {
    const child = cluster.fork(env);
    const began = performance.now();
    return new Promise((resolve, reject) => {
      child.once("listening", () => resolve());
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

/** Whether this process was started by `startProcesses`. */
export function isApiProcess(): boolean {
  return cluster.isWorker;
}

/** Calls back when the process that started this one is gone: without it nobody would ever stop this one. */
export function onParentLost(callback: () => void): void {
  if (cluster.isWorker) process.once("disconnect", callback);
}
