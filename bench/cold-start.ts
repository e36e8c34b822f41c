import { join } from "node:path";
import { freePort } from "../server/test/support/free-port.ts";
import { end, type Memory, startProcess } from "./process-under-test.ts";
import type { Stand } from "./stand.ts";
import { commandIn, ownTree } from "./tree.ts";

/** From the command to the first answer, and what the idle process holds. Later starts: the first sets up. */
export interface StartFigures {
  /** Milliseconds from starting the launcher, without npm, to the server's first 200. */
  readonly serverMillis: readonly number[];
  /** The same through `npm start`, with npm's own time. */
  readonly npmMillis: readonly number[];
  readonly idle: Memory | null;
}

const starts = 5;

export async function coldStarts(stand: Stand, progress: (text: string) => void): Promise<StartFigures> {
  const serverMillis: number[] = [];
  const npmMillis: number[] = [];
  progress("a first start, which may install and build; not counted");
  await timeOf(stand, npmStart, 600_000);
  for (let i = 1; i <= starts; i++) {
    progress(`start ${i} of ${starts}`);
    serverMillis.push(await timeOf(stand, commandIn(ownTree, "start")));
    npmMillis.push(await timeOf(stand, npmStart));
  }
  const idle = await stand.startServer("start");
  // Start-up garbage is collected and the first timers have run.
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const memory = idle.memory();
  await idle.stop();
  return { serverMillis, npmMillis, idle: memory };
}

const npmStart = ["npm", "start", "--silent"];

async function timeOf(stand: Stand, command: readonly string[], limit = 60_000): Promise<number> {
  const [port, webPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}/users/usernames/nobody_yet/count/`;
  const ports = { API_PORT: String(port), WEB_PORT: String(webPort) };
  const begin = performance.now();
  const child = startProcess({
    ...{ command, cwd: ownTree, env: { ...stand.environment, ...ports }, core: null },
    logFile: join(stand.folder, "cold-start.log"),
  });
  try {
    while (performance.now() - begin < limit) {
      const response = await fetch(url).catch(() => null);
      if (response?.status === 200) return performance.now() - begin;
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    throw new Error(`${command.join(" ")} gave no answer within ${limit / 1000} s`);
  } finally {
    await end(child, true);
  }
}
