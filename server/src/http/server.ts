import { isUtf8 } from "node:buffer";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import formbody from "@fastify/formbody";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  type RawServerDefault,
} from "fastify";
import { AppError } from "../errors/errors.ts";
import { randomToken } from "../kernel/ids.ts";
import type { IsOwnHost } from "../kernel/own-addresses.ts";
import { targetBelow } from "../kernel/public-address.ts";
import { notAnObject, refuseUnknownParameters } from "../kernel/schema/read-fields.ts";
import type { Language } from "../words/language.ts";
import type { Words } from "../words/words.ts";
import { type AuthenticationParts, addAuthentication } from "./authentication.ts";
import { createClientErrorHandler } from "./client-error.ts";
import { schemaController } from "./compilers.ts";
import { createCors, type IsListed } from "./cors.ts";
import { addDrain } from "./drain.ts";
import { createSendError, mediaType } from "./error-renderer.ts";
import { createHostCheck } from "./host-check.ts";
import type { LoadMeter } from "./load-meter.ts";
import { takeMethodFromHeader } from "./method-override.ts";
import { methodNotAllowed } from "./methods.ts";
import { formFields } from "./multipart.ts";
import { createNetworkCheck } from "./network-check.ts";
import { ignoreExpectations } from "./node-answers.ts";
import { createOverload } from "./overload.ts";
import { createProxyCheck } from "./proxy-check.ts";
import { requestLog } from "./request-log.ts";
import { readForwardedFor, type TrustProxy, trustFunction } from "./trusted-proxies.ts";

/** The HTTP server every route is added to. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface ServerOptions extends AuthenticationParts {
  /** Whether nothing from that address is answered; waits for nothing. */
  readonly refusesNetwork?: (address: string) => boolean;
  readonly log: FastifyBaseLogger;
  readonly corsOrigins: readonly string[];
  readonly corsHeaders: readonly string[];
  readonly isListed: IsListed;
  readonly isOwnHost: IsOwnHost;
  readonly allowedHosts: readonly string[];
  readonly trustProxy: TrustProxy;
  /** Whether browsers reach the API over https; its answers then tell them to keep to that. */
  readonly isHttps: boolean;
  /** The path that requests arrive with where a proxy doesn't take it off, without a trailing slash; else empty. */
  readonly basePath: string;
  /** Counts what this server holds, and says what is too much. */
  readonly meter: LoadMeter;
  readonly words: Words;
}

declare module "fastify" {
  interface FastifyRequest {
    /** By performance.now(). */
    beganAt: number;
    /** Of the reader, for texts and mails. */
    readonly language: Language;
  }
}

/** Largest request body in bytes; the longest honest one is a few hundred. */
const bodyLimit = 64 * 1024;

/**
 * Assembles the server without its routes: parsers, CORS, authentication, errors.
 */
export async function createServer(options: ServerOptions): Promise<Api> {
  const prefix = randomToken(6);
  let count = 0;
  const standard = standardHeaders(options.isHttps);
  const open = createOpening(options, standard);
  const sendError = createSendError(options.words);
  const logAnswer = createAnswerLog(options.log);
  const overload = createOverload({ ...options, headers: standard });
  const api = Fastify({
    // Given a logger, or a maker of loggers, Fastify listens to the end of every answer and examines every logger
    // made (measured: a tenth of a user-name count). Each request is given one all the same, by `open`.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: trustFunction(options.trustProxy),
    bodyLimit,
    serverFactory: overload.serverFactory,
    schemaController,
    // The one place before the router.
    rewriteUrl(request) {
      takeMethodFromHeader(request);
      const { url = "/" } = request;
      return targetBelow(options.basePath, url) ?? url;
    },
    return503OnClosing: false,
    requestTimeout: 30_000,
    // Whatever fits into Node's 16 KB of headers reaches the schemas, which say what is wrong with a field.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 16 * 1024 },
    // The router refuses badly encoded paths on its own, without any hook.
    frameworkErrors: (error, request, reply) => {
      const answer = reply as unknown as FastifyReply;
      if (!open(request, answer)) sendError(error, request, answer);
      logAnswer(request, answer);
    },
    clientErrorHandler: createClientErrorHandler(options.log, standard, options.words),
    // Always ours: it is in the audit log, where a caller's own would pass for it. Theirs is in the log beside it.
    genReqId: () => `${prefix}-${count++}`,
  }).withTypeProvider<TypeBoxTypeProvider>() as unknown as Api;

  api.setErrorHandler((error, request, reply) => sendError(error, request, reply));
  api.setNotFoundHandler((request, reply) => {
    sendError(new AppError("not_found"), request, reply);
  });
  api.addHook("onRoute", refuseUnknownParameters);
  api.addHook("onRoute", overload.noteRoute);
  addDrain(api as unknown as FastifyInstance);
  ignoreExpectations(api as unknown as FastifyInstance);
  addBodyParsers(api);
  await api.register(formbody, { bodyLimit });
  api.decorateRequest("beganAt", 0);
  api.decorateRequest("language", {
    getter(this: FastifyRequest) {
      return options.words.pick(this.headers["accept-language"]);
    },
  });
  const refuseMethod = methodNotAllowed(api as unknown as FastifyInstance, sendError);
  // One hook for what every request needs: each costs a third of a microsecond to come to. Before the body is
  // read: a wrong method is refused whatever it carries.
  api.addHook("onRequest", (request, reply, done) => {
    if (!open(request, reply) && !refuseMethod(request, reply) && !overload.refusesDear(request, reply))
      done();
  });
  api.addHook("onSend", (request, reply, _payload, done) => {
    logAnswer(request, reply);
    done();
  });
  addAuthentication(api as unknown as FastifyInstance, options);
  return api;
}

function addBodyParsers(api: Api): void {
  api.removeAllContentTypeParsers();
  api.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, bytes, done) => {
    // An empty body with a JSON type means "no fields", as it did in the original.
    if (bytes.length === 0) return done(null, undefined);
    try {
      const body = textOf(bytes as Buffer);
      // V8's message may quote the body, which may hold a password; ours says only where.
      const value: unknown = JSON.parse(body, dropPrototype);
      // To the framework null means that there was no body.
      if (value === null) done(notAnObject(value));
      else done(null, value);
    } catch (error) {
      if (error instanceof AppError) return done(error);
      const position = /position (\d+)/.exec((error as Error).message)?.[1];
      const reason = position === undefined ? "Expecting value" : `Expecting value: (char ${position})`;
      done(new AppError("malformed_body", { parameters: { reason } }));
    }
  });
  api.addContentTypeParser("multipart/form-data", { parseAs: "buffer" }, (request, bytes, done) => {
    if (bytes.length === 0) return done(null, undefined);
    formFields(bytes as Buffer, request.headers["content-type"] ?? "").then((body) => done(null, body), done);
  });
  api.addContentTypeParser("*", (request, payload, done) => {
    payload.resume();
    // Nothing was sent, so its kind doesn't matter; the original's clients send a POST without data so.
    if (isEmpty(request.headers)) return done(null, undefined);
    const type = mediaType(request.headers["content-type"] ?? "");
    done(new AppError("unsupported_media_type", { parameters: { type } }));
  });
}

/** True of a request without a body (RFC 9112 section 6.3), or with one of no bytes. */
function isEmpty(headers: IncomingHttpHeaders): boolean {
  return headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) === 0;
}

/**
 * A body's text. What is not UTF-8 is refused: decoded all the same, every wrong byte would be the one replacement
 * character, and different passwords in GBK the same one (guard: api/http.test.ts).
 */
function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new AppError("malformed_body", { parameters: { reason: "Expecting UTF-8" } });
  return bytes.toString("utf8");
}

/** `__proto__` in a body would become the object's prototype when it is copied (prototype pollution). */
function dropPrototype(name: string, value: unknown): unknown {
  return name === "__proto__" ? undefined : value;
}

/** What every answer tells browsers and caches, whoever writes it (guard: security-headers.test.ts). */
function standardHeaders(isHttps: boolean): Readonly<Record<string, string>> {
  return {
    // Answers hold personal data and tokens; no cache on the way may keep them.
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    // An answer opened as a page runs nothing and is in no frame; the pages there are set their own policy.
    "content-security-policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    // Paths of this API hold addresses, queries a provider's code.
    "referrer-policy": "no-referrer",
    ...(isHttps ? { "strict-transport-security": "max-age=31536000" } : {}),
  };
}

/** The log, the headers and the checks of every request. Returns true for one that it answers itself. */
function createOpening(
  { log, corsOrigins, trustProxy, ...options }: ServerOptions,
  standard: Readonly<Record<string, string>>,
) {
  const { isListed, isOwnHost, allowedHosts, words } = options;
  const cors = createCors({ origins: corsOrigins, headers: options.corsHeaders, isListed, log });
  const refuseHost = createHostCheck({ allowedHosts, isOwnHost, log, words });
  const checkProxy = createProxyCheck(trustProxy !== false);
  const refuseNetwork = createNetworkCheck({ refusesNetwork: options.refusesNetwork, words });
  return (request: FastifyRequest, reply: FastifyReply): boolean => {
    request.beganAt = performance.now();
    request.log = reply.log = requestLog(log, request);
    reply.header("x-request-id", request.id);
    reply.headers(standard);
    checkProxy(request);
    readForwardedFor(request, trustProxy);
    // After the origin, so that a page of ours can read why.
    return cors(request, reply) || refuseHost(request, reply) || refuseNetwork(request, reply);
  };
}

/** Logs what was refused, failed or took long; with LOG_LEVEL=debug every answer. */
function createAnswerLog(log: FastifyBaseLogger) {
  const logsDebug = log.level === "debug" || log.level === "trace";
  return (request: FastifyRequest, reply: FastifyReply): void => {
    const millis = performance.now() - request.beganAt;
    const status = reply.statusCode;
    const level = status >= 500 ? "warn" : status >= 400 || millis > 1000 ? "info" : "debug";
    // Its details cost more than the hook; the usual level drops them.
    if (level === "debug" && !logsDebug) return;
    request.log[level](
      {
        method: request.method,
        // The route's pattern, not the URL: URLs of this API contain addresses.
        route: request.routeOptions.url ?? "(none)",
        status,
        ms: Math.round(millis * 10) / 10,
      },
      "answered",
    );
  };
}
