import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pinned } from "../process-under-test.ts";
import type { Latencies } from "./latencies.ts";

/**
 * Load on a server, by a process of its own on another core (load-main.ts). Two kinds, for two questions:
 * a closed loop tells what a request costs and how many there can be; an open loop tells how long people wait.
 */
export interface Request {
  readonly method?: "GET" | "POST";
  /** `{n}` becomes a number that is never used twice. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** So many clients, each of which sends its next request when the last is answered. */
export interface ClosedLoop {
  readonly kind: "closed";
  readonly connections: number;
}

/** A request at each scheduled time, whatever has become of those before. */
export interface OpenLoop {
  readonly kind: "open";
  readonly perSecond: number;
}

export interface Load {
  readonly origin: string;
  /** Sent in turn, over and over; the next load of the same list goes on where this one ends. */
  readonly requests: readonly Request[];
  readonly loop: ClosedLoop | OpenLoop;
  readonly seconds: number;
  readonly core: number | null;
  readonly folder: string;
  /** What numbers for `{n}` begin with. */
  readonly firstNumber: number;
  /** Answers other than 2xx are no failure: a busy machine may refuse while a new process makes its connections. */
  readonly isWarmUp?: boolean;
}

export interface LoadResult extends Latencies {
  readonly requests: number;
  readonly seconds: number;
  /** Answers other than 2xx. A connection that fails ends the run. */
  readonly errors: number;
}

/** What load-main.ts is told. */
export interface Specification extends Load {
  readonly firstTurn: number;
}

let specifications = 0;
const sentOf = new WeakMap<readonly Request[], number>();

/** Rejects where an answer that counts was not 2xx: what a server refuses costs less than what it does. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const specification = join(load.folder, `load-${specifications++}.json`);
  const firstTurn = sentOf.get(load.requests) ?? 0;
  writeFileSync(specification, JSON.stringify({ ...load, firstTurn } satisfies Specification));
  const main = fileURLToPath(new URL("load-main.ts", import.meta.url));
  const result = JSON.parse(await output(load.core, [main, specification])) as LoadResult;
  rmSync(specification);
  sentOf.set(load.requests, firstTurn + result.requests);
  if (result.errors > 0 && !load.isWarmUp)
    throw new Error(`${load.requests[0]?.path}: ${result.errors} of ${result.requests} answers were not 2xx`);
  return result;
}

async function output(core: number | null, args: readonly string[]): Promise<string> {
  const child = spawn(...pinned(core, process.execPath, args), { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    printed += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk;
  });
  const code = await new Promise((resolve, reject) => child.once("close", resolve).once("error", reject));
  if (code !== 0) throw new Error(`the load generator ended with ${code}:\n${said}`);
  return printed;
}
