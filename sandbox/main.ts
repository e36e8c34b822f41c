import { createSandbox, sandboxAddresses } from "./sandbox.ts";

/** `npm run sandbox`: the imitated providers on 127.0.0.1, until Ctrl-C. */
const port = Number(process.env.SANDBOX_PORT ?? 8001);
const app = await createSandbox({ environment: process.env.ENVIRONMENT ?? "development" }).catch(fail);
await app.listen({ host: "127.0.0.1", port }).catch(fail);
const address = app.server.address();
const origin = `http://127.0.0.1:${typeof address === "object" && address ? address.port : port}`;
process.stdout.write(`Sandbox of third-party log-ins  第三方登录沙箱  ${origin}\n`);
for (const [name, value] of Object.entries(sandboxAddresses(origin)))
  process.stdout.write(`${name}=${value}\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void app.close());

function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
