import type { FastifyReply, FastifyRequest } from "fastify";

type RequestHook = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;

/** As much of a server as whoever watches its requests needs. */
export interface RequestHooks {
  addHook(moment: "onRequest" | "onResponse", hook: RequestHook): unknown;
}
