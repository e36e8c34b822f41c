import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Latencies } from "../load/latencies.ts";
import type { Request } from "../load/load.ts";
import { pinned } from "../process-under-test.ts";

/** More requests a second than a server answers, at scheduled times. */
export interface Flood {
  readonly origin: string;
  /** In turn; `{n}` becomes a number of its own. */
  readonly requests: readonly Request[];
  readonly perSecond: number;
  readonly seconds: number;
  readonly firstNumber: number;
}

export interface FloodResult {
  readonly asked: number;
  /** Answered 2xx, 503, and anything else. */
  readonly accepted: number;
  readonly refused: number;
  readonly others: number;
  /** Half a minute after the last, or cut off. */
  readonly unanswered: number;
  /** From when a request was due. */
  readonly acceptedWait: Latencies;
  /** From when it was sent: what waited to be read is in it. */
  readonly refusalWait: Latencies;
  /** How long after a request was due it was sent: what is late here is the generator's. */
  readonly late: Latencies;
}

/** By a process of its own, on its core. */
export async function runFlood(
  flood: Flood,
  { core, folder }: { readonly core: number | null; readonly folder: string },
): Promise<FloodResult> {
  const file = join(folder, `flood-${flood.firstNumber}.json`);
  writeFileSync(file, JSON.stringify(flood));
  const main = fileURLToPath(new URL("flood-main.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(...pinned(core, process.execPath, [main, file]));
  rmSync(file);
  return JSON.parse(stdout) as FloodResult;
}
