import express from "express";
import { refusal, verifierOfEnvironment } from "./verify-token.js";

const userOf = verifierOfEnvironment();
const port = Number(process.env.PORT ?? 3000);

/** Sets `request.user`. */
async function requireUser(request, response, next) {
  request.user = await userOf(request.headers.authorization);
  if (request.user !== null) return next();
  response.status(401).set("www-authenticate", 'Bearer realm="api"').json(refusal);
}

const api = express();
api.get("/goods/", (_request, response) => response.json({ goods: ["tea", "cups"] }));
api.get("/orders/", requireUser, (request, response) => {
  response.json({ orders: [], of: request.user.username });
});
// The public keys can't be fetched.
api.use((error, _request, response, _next) => {
  console.error(error);
  response.status(503).set("retry-after", "5").json({ detail: "Try again in a moment." });
});

const server = api.listen(port, "127.0.0.1", () => {
  console.log(`The API is ready: http://127.0.0.1:${port}/goods/`);
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => server.close());
