import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { refusal, verifierOfEnvironment } from "./verify-token.js";

const userOf = verifierOfEnvironment();
const port = Number(process.env.PORT ?? 3000);

/** Sets `user`. */
async function requireUser(context, next) {
  const user = await userOf(context.req.header("authorization"));
  if (user === null) return context.json(refusal, 401, { "www-authenticate": 'Bearer realm="api"' });
  context.set("user", user);
  await next();
}

const api = new Hono();
api.get("/goods/", (context) => context.json({ goods: ["tea", "cups"] }));
api.get("/orders/", requireUser, (context) => {
  return context.json({ orders: [], of: context.get("user").username });
});
// The public keys can't be fetched.
api.onError((error, context) => {
  console.error(error);
  return context.json({ detail: "Try again in a moment." }, 503, { "retry-after": "5" });
});

const server = serve({ fetch: api.fetch, port, hostname: "127.0.0.1" }, () => {
  console.log(`The API is ready: http://127.0.0.1:${port}/goods/`);
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => server.close());
