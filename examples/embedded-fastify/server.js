import { createApp, loadConfig, userOf } from "meiduo-accounts";

/** A shop's server with the accounts inside: one process, one port, one Fastify. */
const config = await loadConfig(process.env);
const app = await createApp({ config });

// A plugin like any other. Each route says who may ask: "required", "optional" or "ignored".
async function shop(api) {
  api.get("/goods/", { config: { auth: "ignored" } }, async () => ({ goods: ["tea", "cups"] }));
  api.get("/orders/", { config: { auth: "required" } }, async (request) => ({
    orders: [],
    of: userOf(request).username,
  }));
}
await app.api.register(shop, { prefix: "/shop" });

await app.worker.start(); // sends the mails
app.maintenance.start(); // removes what has expired
await app.api.listen({ host: config.host, port: config.apiPort });
console.log(`The shop is ready: ${config.publicApiUrl}/shop/goods/`);

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => app.close());
