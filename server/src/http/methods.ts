import type { FastifyInstance, HTTPMethods, RouteOptions } from "fastify";
import { AppError } from "../lib/errors.ts";
import { sendError } from "./error-renderer.ts";
import { docsPrefix } from "./openapi.ts";

const every: readonly HTTPMethods[] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/**
 * Answers a known path with the wrong method by 405 and `Allow`, and plain OPTIONS by 204 and `Allow`
 * (RFC 9110 sections 9.3.7 and 15.5.6). Call it before the routes are added, and what it returns after.
 */
export function addMethodNotAllowed(api: FastifyInstance): () => void {
  const methodsOf = new Map<string, Set<string>>();
  let collecting = true;
  api.addHook("onRoute", (route: RouteOptions & { path: string }) => {
    if (!collecting || route.url.startsWith(docsPrefix)) return;
    const known = methodsOf.get(route.url) ?? new Set();
    for (const method of [route.method].flat()) known.add(method);
    methodsOf.set(route.url, known);
  });
  return () => {
    collecting = false;
    for (const [url, known] of methodsOf) {
      const allow = [...known, "OPTIONS"].join(", ");
      api.route({
        url,
        method: every.filter((method) => !known.has(method)) as HTTPMethods[],
        schema: { hide: true } as never,
        config: { auth: "ignored" },
        // Before the body is read: a wrong method is refused whatever it carries.
        onRequest: async (request, reply) => {
          reply.header("allow", allow);
          if (request.method === "OPTIONS") return reply.code(204).send();
          return sendError(
            new AppError("method_not_allowed", { parameters: { method: request.method } }),
            request,
            reply,
          );
        },
        handler: async (_request, reply) => reply,
      });
    }
  };
}
