import express from "express";

/** A service beside the account server, which it asks who is calling. It has no key and no database of accounts. */
const accounts = process.env.ACCOUNTS_API ?? "http://127.0.0.1:8000";
const port = Number(process.env.PORT ?? 3000);

/** Sets `request.user`. A token that was revoked a moment ago is refused: the account server answers each time. */
async function requireUser(request, response, next) {
  const { authorization } = request.headers;
  if (authorization === undefined) return response.status(401).json({ message: "Log in first." });
  const answer = await fetch(`${accounts}/user/`, {
    headers: { authorization, "accept-language": request.headers["accept-language"] ?? "zh-CN" },
    signal: AbortSignal.timeout(5000),
  }).catch(() => null);
  // It can't be asked: that is nobody's wrong token.
  if (answer === null || answer.status >= 500) {
    return response.status(503).set("retry-after", "5").json({ message: "Try again in a moment." });
  }
  const body = await answer.json();
  if (!answer.ok) return response.status(answer.status).json(body);
  request.user = body;
  next();
}

const api = express();
api.get("/goods/", (_request, response) => response.json({ goods: ["tea", "cups"] }));
api.get("/orders/", requireUser, (request, response) => {
  response.json({ orders: [], of: request.user.username });
});

const server = api.listen(port, "127.0.0.1", () => {
  console.log(`The API is ready: http://127.0.0.1:${port}/goods/`);
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => server.close());
