import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below the ports that Linux gives to outgoing connections (32768 and up), above those that services ask for. */
const [lowest, highest] = [11_000, 22_000];
const given = new Set<number>();

/**
 * A port of 127.0.0.1 for a server that is started next. Not one the system chooses: those serve outgoing
 * connections as well, so that in the second until the server listens another test's request may come from it
 * (seen: a product that "did not start" in one run of fifty).
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(lowest, highest);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no free port found between ${lowest} and ${highest}`);
}

/** False where somebody listens there. Rejects with what else keeps this user from listening. */
export function isFree(port: number, host = "127.0.0.1"): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}
