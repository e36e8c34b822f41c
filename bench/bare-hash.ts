import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { password } from "./accounts.ts";
import type { Sample } from "./measure.ts";
import { pinned } from "./process-under-test.ts";
import type { Stand } from "./stand.ts";

/** The hash function alone (hash-floor-main.ts): the most log-ins there could be. */
export async function bareHash(
  stand: Pick<Stand, "passwordHash">,
  { seconds, concurrency, core }: { seconds: number; concurrency: number; core: number | null },
): Promise<Sample> {
  const main = fileURLToPath(new URL("hash-floor-main.ts", import.meta.url));
  const args = [main, stand.passwordHash, password, String(concurrency), String(seconds)];
  const child = spawn(...pinned(core, process.execPath, args), { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`hash-floor-main.ts ended with ${code}`);
  const { requests, seconds: taken } = JSON.parse(output) as { requests: number; seconds: number };
  return { perSecond: requests / taken, cpuMicros: null };
}
