import { availableParallelism } from "node:os";
import { type LoadResult, type OpenLoop, runLoad } from "./load/load.ts";
import { onLinux, type ProcessUnderTest } from "./process-under-test.ts";
import type { Stand } from "./stand.ts";
import { warmUntilSteady } from "./steady.ts";
import type { Subject } from "./subjects.ts";

/** One subject on one server for some seconds. */
export interface Sample {
  readonly perSecond: number;
  /** Server CPU per request; null where the system doesn't tell. */
  readonly cpuMicros: number | null;
  /** Only of an open loop: in a closed one the clients, not people, decide how long the queue is. */
  readonly latencies?: Pick<LoadResult, "p50Millis" | "p99Millis" | "maxMillis">;
}

/** The server's process has one core, the generator another. */
export const cores =
  onLinux && availableParallelism() > 1 ? { server: 0, generator: 1 } : { server: null, generator: null };

export const isHashing = ({ id }: Pick<Subject, "id">) => id.startsWith("login") && id !== "login-read-floor";

/** Numbers for `{n}`, which no other load of this process has. */
let number = 0;
const block = 10_000_000;

export interface Measuring {
  readonly subject: Pick<Subject, "requests" | "more" | "connections">;
  readonly server: Pick<ProcessUnderTest, "origin" | "cpuMicros">;
  readonly stand: Pick<Stand, "folder">;
  readonly seconds: number;
  readonly core?: number | null;
  /** Counts nothing, and forgives what is refused meanwhile. */
  readonly isWarmUp?: boolean;
}

/** As many requests as the server answers: what one costs it. */
export function measure(what: Measuring): Promise<Sample> {
  return sampleOf(what, { kind: "closed", connections: what.subject.connections });
}

/** So many requests a second, whatever the server does: how long each of them waits. */
export async function measureLatency(what: Measuring, perSecond: OpenLoop["perSecond"]): Promise<Sample> {
  return sampleOf(what, { kind: "open", perSecond });
}

/** Until a request's cost stays the same: V8 compiles what is called often, some thousand calls later. */
export async function warmUp(what: Measuring, most = 6): Promise<void> {
  await warmUntilSteady(async () => (await measure({ ...what, isWarmUp: true })).cpuMicros, most);
}

async function sampleOf(
  { subject, server, stand, seconds, core = cores.generator, isWarmUp = false }: Measuring,
  loop: Parameters<typeof runLoad>[0]["loop"],
): Promise<Sample> {
  const requests = subject.more?.(seconds) ?? subject.requests;
  number += block;
  const load = { origin: server.origin, requests, loop, seconds, core, folder: stand.folder, isWarmUp };
  const before = server.cpuMicros();
  const result = await runLoad({ ...load, firstNumber: number });
  const cpuMicros = costOf(before, server.cpuMicros(), result.requests);
  const { p50Millis, p99Millis, maxMillis } = result;
  return {
    ...{ perSecond: result.requests / result.seconds, cpuMicros },
    ...(loop.kind === "open" ? { latencies: { p50Millis, p99Millis, maxMillis } } : {}),
  };
}

/** Null where the system doesn't tell. */
export function costOf(before: number | null, after: number | null, requests: number): number | null {
  return before === null || after === null ? null : (after - before) / requests;
}
