import { createLog, loadConfig } from "meiduo-accounts";
import { openShop } from "./embedded-shop.ts";

/** Starts the shop: `GATEWAY_SECRET=… node docs/examples/embedded-shop-main.ts`, on the variables of the server. */
const config = await loadConfig(process.env);
const app = await openShop({ config, log: createLog(config.logLevel) }, process.env.GATEWAY_SECRET ?? "");
await app.api.listen({ host: config.host, port: config.apiPort });
// Mail goes out by the worker; here, or in processes of their own by `npm run work`.
await app.worker.start();
app.maintenance.start();

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, async () => {
    await app.worker.stop(10);
    await app.close();
  });
}
