/**
 * The product as scripts/dev.ts runs it, in a process that it ends and starts anew: the API, the worker, the sandbox and
 * what the site answers besides its pages, which are Vite's. It says "serving" to its parent and stops when that is gone.
 */

import { startProduct } from "../server/src/cli/run/start.ts";
import { explainDevFailure, makeDevContext, readDevSource } from "./dev-settings.ts";

let stop: (() => Promise<void>) | null = null;
let stopping = false;

async function end(): Promise<void> {
  // Ctrl-C comes from the terminal, and again as SIGTERM of the parent.
  if (stopping) return;
  stopping = true;
  await stop?.();
  process.exit(0);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "disconnect"] as const)
  process.on(signal, () => void end());

try {
  const context = makeDevContext(readDevSource(), "npm run dev");
  const [port, distDir] = [Number(process.env.MEIDUO_DEV_ANSWERS), process.env.MEIDUO_DEV_PAGES!];
  const pages = { port, distDir };
  const running = await startProduct(context, { api: true, site: true, worker: true }, { pages });
  stop = running.stop;
  process.stdout.write(`${running.banner}\n`);
  process.send?.("serving");
} catch (error) {
  process.stderr.write(`${explainDevFailure(error)}\n`);
  process.exit(1);
}
