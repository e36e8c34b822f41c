import { Server as NetServer } from "node:net";
import type { FastifyInstance } from "fastify";
import { within } from "../kernel/within.ts";

/** How long open connections are served on at most, in milliseconds, and for how long without a request. */
const drainMillis = 2000;
const quietMillis = 400;

/**
 * Lets a server go without cutting anybody off. Promise: from the first moment nobody new is let in, so that a proxy
 * goes to another process; whoever is connected is answered, with `Connection: close`, so that the proxy gives the
 * connection up by itself. Node closes idle connections at once, and a proxy that was about to send a request on one
 * would have to answer 502 for it (guard: fault/rolling-restart.test.ts).
 *
 * The server must be made with `return503OnClosing: false`, or Fastify refuses those requests on its own.
 */
export function addDrain(server: FastifyInstance): void {
  server.addHook("preClose", async () => {
    const http = server.server;
    if (!http.listening) return;
    let requests = 0;
    http.on("request", () => {
      requests++;
    });
    // http.Server's own `close` would close idle connections first.
    const ended = new Promise<void>((resolve) => {
      NetServer.prototype.close.call(http, () => resolve());
    });
    const until = performance.now() + drainMillis;
    for (let seen = -1; seen !== requests && performance.now() < until; ) {
      seen = requests;
      if (await within(quietMillis, ended)) return;
      // On a busy machine requests wait to be read, and timers come before them.
      for (let turns = 0; turns < 2; turns++) await new Promise(setImmediate);
    }
    http.closeIdleConnections();
    await ended;
  });
}
