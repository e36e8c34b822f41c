import { readFileSync } from "node:fs";

/**
 * What a process of the product holds, in megabytes, from the system and from its own metrics. NaN where the
 * system doesn't tell (only Linux does) or the process didn't answer in time; never a guess.
 */
export interface ProcessMemory {
  /** All that is in memory, files that are mapped or shared included. */
  readonly resident: number;
  /** What belongs to the process alone: the heap of V8, the blocks of malloc, stacks. */
  readonly private: number;
  /** What V8 has in use. */
  readonly heap: number;
  /** Buffers outside of V8's heap that V8 knows of. */
  readonly external: number;
}

export const memoryKinds = ["resident", "private", "heap", "external"] as const;

export async function processMemory(pid: number, metricsPort: number): Promise<ProcessMemory> {
  const metrics = await metricsText(metricsPort);
  const metric = (name: string) =>
    Number(new RegExp(`^${name} (\\S+)$`, "m").exec(metrics)?.[1] ?? Number.NaN) / 2 ** 20;
  return {
    resident: statusMegabytes(pid, "VmRSS"),
    private: statusMegabytes(pid, "RssAnon"),
    heap: metric("nodejs_heap_size_used_bytes"),
    external: metric("nodejs_external_memory_bytes"),
  };
}

function statusMegabytes(pid: number, name: string): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? Number.NaN) / 1024;
  } catch {
    return Number.NaN;
  }
}

async function metricsText(port: number): Promise<string> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(5000) });
    return await response.text();
  } catch {
    return "";
  }
}
