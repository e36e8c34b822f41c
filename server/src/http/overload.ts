import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest, FastifyServerOptions } from "fastify";
import { AppError } from "../errors/errors.ts";
import { randomBelow } from "../kernel/ids.ts";
import { targetBelow } from "../kernel/public-address.ts";
import { type Language, tagOf } from "../words/language.ts";
import type { Words } from "../words/words.ts";
import { type IsListed, originHeaders } from "./cors.ts";
import { renderDefault, renderProblem } from "./error-renderer.ts";
import type { LoadMeter } from "./load-meter.ts";
import { nodeAnswersNothing } from "./node-answers.ts";

/**
 * Refuses what is too much (load-meter.ts) with 503, `busy` and Retry-After, as the queue of hashes does. Attack: more
 * requests than can be answered, so that nobody is (guard: fault/overload.test.ts). Dear requests first, so that those
 * who are logged in are served longest. The process's health is always told: a supervisor that gets no answer would
 * restart it.
 *
 * Cheap ones are refused before the framework sees them: it costs as much as a read does beside its statement.
 */
export interface OverloadOptions {
  readonly meter: LoadMeter;
  /** Of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly words: Words;
  readonly isListed: IsListed;
  readonly basePath: string;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** A GET whose answer costs many times what a read costs; other methods always do. */
    dear?: true;
  }
}

/** Seconds until another try, at random among these: those who were refused together don't come again together. */
const [soonest, latest] = [1, 4];
const health = new Set(["/healthz", "/readyz"]);

export function createOverload(options: OverloadOptions) {
  const { meter, basePath } = options;
  const refuse = createRefusal(options);

  function isHealth({ url = "/" }: IncomingMessage): boolean {
    const path = (targetBelow(basePath, url) ?? url).split(/[/?#]/, 2)[1];
    return health.has(`/${path}`);
  }

  return {
    /** Node's server for Fastify, with its settings. */
    serverFactory(handler: RequestListener, settings: FastifyServerOptions) {
      const server = createServer(nodeAnswersNothing.http, (request, response) => {
        meter.begin();
        response.on("close", meter.end);
        if (meter.refuses(false) && !isHealth(request)) refuse(request, response);
        else handler(request, response);
      });
      server.keepAliveTimeout = settings.keepAliveTimeout ?? server.keepAliveTimeout;
      server.requestTimeout = settings.requestTimeout ?? server.requestTimeout;
      server.setTimeout(settings.connectionTimeout ?? 0);
      return server;
    },

    /** Refuses a dear request and then returns true. */
    refusesDear(request: FastifyRequest, reply: FastifyReply): boolean {
      if (!isDear(request) || !meter.refuses(true)) return false;
      reply.hijack();
      refuse(request.raw, reply.raw);
      return true;
    },
  };
}

function isDear({ method, routeOptions }: FastifyRequest): boolean {
  return (
    routeOptions.config?.dear === true || (method !== "GET" && method !== "HEAD" && method !== "OPTIONS")
  );
}

/** Answers without a line in the log for each: it would cost more than the refusal. */
function createRefusal({ headers, words, isListed }: Omit<OverloadOptions, "meter" | "basePath">) {
  const bodies = new Map<string, Buffer>();

  function bodyFor(language: Language, retryAfterSeconds: number, asProblem: boolean): Buffer {
    const key = `${language} ${asProblem ? retryAfterSeconds : ""}`;
    const known = bodies.get(key);
    if (known !== undefined) return known;
    const error = new AppError("busy", { retryAfterSeconds });
    const speech = { words, language };
    const made = asProblem ? renderProblem(error, speech, "") : renderDefault(error, speech, "");
    const body = Buffer.from(JSON.stringify(made));
    bodies.set(key, body);
    return body;
  }

  return (request: IncomingMessage, response: ServerResponse): void => {
    const { accept, origin } = request.headers;
    const language = words.pick(request.headers["accept-language"]);
    const seconds = soonest + randomBelow(latest - soonest + 1);
    const asProblem = accept?.includes("application/problem+json") === true;
    const body = bodyFor(language, seconds, asProblem);
    response.writeHead(503, {
      ...headers,
      ...originHeaders(origin, origin !== undefined && isListed(origin, request.socket.localAddress)),
      "content-language": tagOf(language),
      "content-length": body.byteLength,
      "content-type": `application/${asProblem ? "problem+" : ""}json; charset=utf-8`,
      "retry-after": String(seconds),
    });
    response.end(body);
  };
}
