import type { FastifyReply, FastifyRequest } from "fastify";

/**
 * Cross-origin access (Fetch standard, "CORS protocol"). Promise: only listed origins are echoed, never `*`,
 * because credentials are allowed; a foreign origin gets an answer without Access-Control-Allow-Origin,
 * which the browser then keeps from its page. Guarded by server/test/api/cors.test.ts.
 *
 * The header values are the original's, recorded.
 */
const allowHeaders =
  "accept, accept-encoding, authorization, content-type, dnt, origin, user-agent, x-csrftoken, x-requested-with, accept-language, x-request-id";
const allowMethods = "DELETE, GET, OPTIONS, PATCH, POST, PUT";
const exposeHeaders = "Authorization, Content-Language, Retry-After, WWW-Authenticate, X-Request-Id";

/** Sets an answer's CORS headers; a preflight it answers itself and says so by true. */
export type Cors = (request: FastifyRequest, reply: FastifyReply) => boolean;

export function createCors(origins: readonly string[]): Cors {
  const allowed = new Set(origins);
  return (request, reply) => {
    const { origin } = request.headers;
    // Always, so that no cache serves one origin's answer to another.
    reply.header("vary", "Origin");
    if (origin !== undefined) {
      reply.header("access-control-allow-credentials", "true");
      if (allowed.has(origin)) {
        reply.header("access-control-allow-origin", origin);
        reply.header("access-control-expose-headers", exposeHeaders);
      }
    }
    if (request.method === "OPTIONS" && request.headers["access-control-request-method"] !== undefined) {
      if (origin !== undefined && allowed.has(origin)) {
        reply.header("access-control-allow-headers", allowHeaders);
        reply.header("access-control-allow-methods", allowMethods);
        reply.header("access-control-max-age", "86400");
      }
      reply.header("content-length", "0").code(200).send();
      return true;
    }
    return false;
  };
}
