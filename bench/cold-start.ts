import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../server/test/support/free-port.ts";
import { end, type Memory } from "./process-under-test.ts";
import type { Stand } from "./stand.ts";

/** From the command to the first answer, and what the idle process holds. Later starts: the first sets up. */
export interface StartFigures {
  /** Milliseconds from starting the server's process to its first 200. */
  readonly serverMillis: readonly number[];
  /** The same through `npm start`, with npm's own time. */
  readonly npmMillis: readonly number[];
  readonly idle: Memory | null;
}

const root = fileURLToPath(new URL("..", import.meta.url));
const starts = 5;

export async function coldStarts(stand: Stand, progress: (text: string) => void): Promise<StartFigures> {
  const serverMillis: number[] = [];
  const npmMillis: number[] = [];
  progress("a first start, which may install and build; not counted");
  await timeOf(stand, "npm", ["start", "--silent"], 600_000);
  for (let i = 1; i <= starts; i++) {
    progress(`start ${i} of ${starts}`);
    serverMillis.push(await timeOf(stand, process.execPath, [join(root, "server/src/main.ts"), "start"]));
    npmMillis.push(await timeOf(stand, "npm", ["start", "--silent"]));
  }
  const idle = await stand.startServer("start");
  // Start-up garbage is collected and the first timers have run.
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const memory = idle.memory();
  await idle.stop();
  return { serverMillis, npmMillis, idle: memory };
}

async function timeOf(
  stand: Stand,
  command: string,
  args: readonly string[],
  limit = 60_000,
): Promise<number> {
  const [port, webPort] = [await freePort(), await freePort()];
  const log = openSync(join(stand.folder, "cold-start.log"), "a");
  const url = `http://127.0.0.1:${port}/users/usernames/nobody_yet/count/`;
  const ports = { API_PORT: String(port), WEB_PORT: String(webPort) };
  const env = { ...process.env, ...stand.environment, ...ports };
  const begin = performance.now();
  const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", log, log], detached: true });
  try {
    while (performance.now() - begin < limit) {
      const response = await fetch(url).catch(() => null);
      if (response?.status === 200) return performance.now() - begin;
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    throw new Error(`${command} ${args.join(" ")} gave no answer within ${limit / 1000} s`);
  } finally {
    await end(child, true);
  }
}
