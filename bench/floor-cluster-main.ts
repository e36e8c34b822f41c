import cluster from "node:cluster";
import { fileURLToPath } from "node:url";

/** The floor in several processes on one port. argv: how many, then what floor-main.ts takes. */
const [count, ...args] = process.argv.slice(2);
cluster.setupPrimary({ exec: fileURLToPath(new URL("floor-main.ts", import.meta.url)), args });
for (let n = 0; n < Number(count); n++) cluster.fork();
process.once("SIGTERM", () => {
  for (const worker of Object.values(cluster.workers ?? {})) worker?.kill("SIGTERM");
});
