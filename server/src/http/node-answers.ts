import type { Server } from "node:http";
import type { FastifyInstance } from "fastify";

/**
 * What Node would answer by itself, before any hook and so without a single header of ours: 400 to HTTP/1.1 without a
 * Host, 417 to an `Expect` that it doesn't know. Attack: an answer that a browser may guess at, frame or keep, because
 * nobody thought of it (guard: node-answers.test.ts). What isn't even HTTP goes to client-error.ts.
 */

/** Options of Fastify: requests without a Host come to host-check.ts, which refuses them. */
export const nodeAnswersNothing = { http: { requireHostHeader: false } } as const;

/** A request with an unknown `Expect` is a request like any other (RFC 9110 section 10.1.1 lets a server ignore it). */
export function ignoreExpectations(fastify: FastifyInstance): void {
  const server = fastify.server as Server;
  server.on("checkExpectation", (request, response) => server.emit("request", request, response));
}
