import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import { AppError } from "../errors/errors.ts";
import type { SendError } from "./error-renderer.ts";

/**
 * Answers a wrong method on a known path with 405 and `Allow`, and plain OPTIONS with 204 and `Allow`
 * (RFC 9110 sections 9.3.7 and 15.5.6). Call it before the routes are added; the function it returns answers such
 * a request and then returns true.
 *
 * Paths are compared only once the router knows no answer. Routes for every wrong method of every path would be
 * six times as many, each of which the router compiles at every start.
 */
export function methodNotAllowed(
  api: FastifyInstance,
  sendError: SendError,
): (request: FastifyRequest, reply: FastifyReply) => boolean {
  const paths = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  api.addHook("onRoute", (route: RouteOptions) => {
    const known = paths.get(route.url) ?? { pattern: patternOf(route.url), methods: new Set() };
    for (const method of [route.method].flat()) known.methods.add(method);
    paths.set(route.url, known);
  });
  return (request, reply) => {
    if (!request.is404) return false;
    // Decoded as the router did, which has refused what can't be.
    const path = decodeURI(request.raw.url?.split(/[?#]/, 1)[0] ?? "/");
    const known = [...paths.values()].filter(({ pattern }) => pattern.test(path));
    if (known.length === 0) return false;
    const methods = new Set(known.flatMap(({ methods }) => [...methods]));
    reply.header("allow", [...methods, "OPTIONS"].join(", "));
    const { method } = request;
    if (method === "OPTIONS") reply.code(204).send();
    else sendError(new AppError("method_not_allowed", { parameters: { method } }), request, reply);
    return true;
  };
}

/** A route's path as the router matches it: parameters are one segment, a slash at the end doesn't count. */
function patternOf(url: string): RegExp {
  const segments = url
    .replace(/\/$/, "")
    .split("/")
    .map((segment) => {
      if (segment === "*") return ".*";
      return segment.startsWith(":") ? "[^/]+" : segment.replace(/[^\w-]/g, "\\$&");
    });
  return new RegExp(`^${segments.join("/")}/?$`);
}
