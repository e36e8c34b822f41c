import type { IncomingMessage, ServerResponse } from "node:http";
import formbody from "@fastify/formbody";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  LogController,
  type RawServerDefault,
} from "fastify";
import { AppError } from "../lib/errors.ts";
import { randomToken } from "../lib/ids.ts";
import { type Authenticator, addAuthentication, type PermissionCheck } from "./authentication.ts";
import { addCors } from "./cors.ts";
import { mediaType, sendError } from "./error-renderer.ts";
import { compileFields, notAnObject } from "./fields.ts";
import { addMethodNotAllowed } from "./methods.ts";
import { addProxyCheck } from "./proxy-check.ts";
import { RequestLog } from "./request-log.ts";

/** The HTTP server every route is added to. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface ServerOptions {
  readonly log: FastifyBaseLogger;
  readonly corsOrigins: readonly string[];
  readonly trustProxy: boolean | number | string[];
  readonly authenticators: readonly Authenticator[];
  readonly hasPermission: PermissionCheck;
  /** Whether browsers reach the API over https; its answers then tell them to keep to that. */
  readonly isHttps: boolean;
}

/** Largest request body in bytes; the longest honest one is a few hundred. */
const bodyLimit = 64 * 1024;

/**
 * Assembles the server without its routes: parsers, CORS, authentication, errors. Add the routes with
 * `addRoutes`, whose end adds the 405 answers of every path.
 */
export async function createServer(options: ServerOptions): Promise<Api> {
  const prefix = randomToken(6);
  let count = 0;
  const api = Fastify({
    loggerInstance: options.log,
    childLoggerFactory: (parent, bindings) => new RequestLog(parent, bindings) as never,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: trustFunction(options.trustProxy),
    bodyLimit,
    requestTimeout: 30_000,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 400 },
    // The router refuses badly encoded paths before any hook runs.
    frameworkErrors: (error, request, reply) => void sendError(error, request, reply as never),
    genReqId: (request) => {
      const given = request.headers["x-request-id"];
      if (typeof given === "string" && /^[\w-]{8,64}$/.test(given)) return given;
      return `${prefix}-${(count++).toString(36)}`;
    },
  }).withTypeProvider<TypeBoxTypeProvider>() as unknown as Api;

  api.setValidatorCompiler(compileFields as never);
  api.setErrorHandler((error, request, reply) => sendError(error, request, reply));
  api.setNotFoundHandler((request, reply) => {
    sendError(new AppError("not_found"), request, reply);
  });
  addBodyParsers(api);
  await api.register(formbody, { bodyLimit });
  addCors(api as unknown as FastifyInstance, options.corsOrigins);
  addHeadersAndLog(api, options.isHttps);
  addProxyCheck(api as unknown as FastifyInstance, options.trustProxy !== false);
  addAuthentication(api as unknown as FastifyInstance, options.authenticators, options.hasPermission);
  return api;
}

/** A number of hops as the function Fastify takes: the nearest `hops` addresses are proxies of ours. */
function trustFunction(trust: ServerOptions["trustProxy"]) {
  return typeof trust === "number" ? (_address: string, hop: number) => hop < trust : trust;
}

/** Runs `add`, which registers every route, then completes each path with its 405 answers. */
export function addRoutes(api: Api, add: () => void): void {
  const complete = addMethodNotAllowed(api as unknown as FastifyInstance);
  add();
  complete();
}

function addBodyParsers(api: Api): void {
  api.removeAllContentTypeParsers();
  api.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => {
    // An empty body with a JSON type means "no fields", as it did in the original.
    if (body === "") return done(null, undefined);
    try {
      // V8's message may quote the body, which may hold a password; ours says only where.
      const value: unknown = JSON.parse(body as string, dropPrototype);
      // To the framework null means that there was no body.
      if (value === null) done(notAnObject(value));
      else done(null, value);
    } catch (error) {
      const position = /position (\d+)/.exec((error as Error).message)?.[1];
      const reason = position === undefined ? "Expecting value" : `Expecting value: (char ${position})`;
      done(new AppError("malformed_body", { parameters: { reason } }));
    }
  });
  api.addContentTypeParser("*", (request, payload, done) => {
    payload.resume();
    const type = mediaType(request.headers["content-type"] ?? "");
    done(new AppError("unsupported_media_type", { parameters: { type } }));
  });
}

/** `__proto__` in a body would become the object's prototype when it is copied (prototype pollution). */
function dropPrototype(name: string, value: unknown): unknown {
  return name === "__proto__" ? undefined : value;
}

function addHeadersAndLog(api: Api, isHttps: boolean): void {
  const logsDebug = api.log.level === "debug" || api.log.level === "trace";
  api.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id);
    // Answers hold personal data and tokens; no cache on the way may keep them.
    reply.header("cache-control", "no-store");
    reply.header("x-content-type-options", "nosniff");
    // An answer opened as a page runs nothing and stands in no frame; the pages there are set their own policy.
    reply.header("content-security-policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
    // Paths of this API hold addresses, queries a provider's code.
    reply.header("referrer-policy", "no-referrer");
    if (isHttps) reply.header("strict-transport-security", "max-age=31536000");
    done();
  });
  api.addHook("onResponse", (request, reply, done) => {
    const status = reply.statusCode;
    const level = status >= 500 ? "warn" : status >= 400 || reply.elapsedTime > 1000 ? "info" : "debug";
    // Its details cost more than the hook; the usual level drops them.
    if (level === "debug" && !logsDebug) return done();
    // The route's pattern, not the URL: URLs of this API contain addresses.
    request.log[level](
      {
        method: request.method,
        route: request.routeOptions.url ?? "(none)",
        status,
        ms: Math.round(reply.elapsedTime * 10) / 10,
      },
      "answered",
    );
    done();
  });
}
