import Fastify from "fastify";
import { refusal, verifierOfEnvironment } from "./verify-token.js";

const userOf = verifierOfEnvironment();
const port = Number(process.env.PORT ?? 3000);

const api = Fastify();
api.decorateRequest("user", null);

/** Sets `request.user`. */
async function requireUser(request, reply) {
  request.user = await userOf(request.headers.authorization);
  if (request.user !== null) return;
  return reply.code(401).header("www-authenticate", 'Bearer realm="api"').send(refusal);
}

api.get("/goods/", async () => ({ goods: ["tea", "cups"] }));
api.get("/orders/", { onRequest: requireUser }, async (request) => ({
  orders: [],
  of: request.user.username,
}));
// The public keys can't be fetched.
api.setErrorHandler((error, _request, reply) => {
  console.error(error);
  return reply.code(503).header("retry-after", "5").send({ detail: "Try again in a moment." });
});

await api.listen({ host: "127.0.0.1", port });
console.log(`The API is ready: http://127.0.0.1:${port}/goods/`);
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => api.close());
