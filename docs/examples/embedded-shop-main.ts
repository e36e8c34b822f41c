import { mkdirSync } from "node:fs";
import { openDatabase } from "../../server/src/app/engines.ts";
import { readConfig } from "../../server/src/config/config.ts";
import { migrate } from "../../server/src/engines/database/migrate.ts";
import { readOrMakeSecretKey } from "../../server/src/installation/secrets.ts";
import { systemClock } from "../../server/src/kernel/clock.ts";
import { createLog } from "../../server/src/kernel/log.ts";
import { openShop } from "./embedded-shop.ts";

/** Starts the shop: `GATEWAY_SECRET=… node docs/examples/embedded-shop-main.ts`, on the variables of the server. */
const settings = readConfig(process.env);
mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 });
const config = { ...settings, secretKey: settings.secretKey ?? readOrMakeSecretKey(settings.dataDir) };

const database = openDatabase(config);
await migrate(database, systemClock).finally(() => database.close());

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
