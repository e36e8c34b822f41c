import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest, FastifyServerOptions, RouteOptions } from "fastify";
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
const health = /^\/(healthz|readyz)\/?$/;
const isCheap = new Set(["GET", "HEAD", "OPTIONS"]);

export function createOverload(options: OverloadOptions) {
  const { meter, basePath } = options;
  const refuse = createRefusal(options);
  const dearPaths = createDearPaths();

  function refusesEarly({ method = "GET", url = "/" }: IncomingMessage): boolean {
    const path = (targetBelow(basePath, url) ?? url).split(/[?#]/, 1)[0]!;
    if (health.test(path)) return false;
    return meter.refuses(isCheap.has(method) ? method === "GET" && dearPaths.have(path) : true);
  }

  return {
    /** To be called with each route. */
    noteRoute({ url, config }: RouteOptions): void {
      if (config?.dear === true) dearPaths.add(url);
    },

    /** Node's server for Fastify, with its settings. */
    serverFactory(handler: RequestListener, settings: FastifyServerOptions) {
      const server = createServer(nodeAnswersNothing.http, (request, response) => {
        meter.begin();
        response.on("close", meter.end);
        if (meter.mayRefuse() && refusesEarly(request)) refuse(request, response);
        else handler(request, response);
      });
      server.keepAliveTimeout = settings.keepAliveTimeout ?? server.keepAliveTimeout;
      server.requestTimeout = settings.requestTimeout ?? server.requestTimeout;
      server.setTimeout(settings.connectionTimeout ?? 0);
      return server;
    },

    /** Refuses a dear request and then returns true; counts one that it doesn't. */
    refusesDear(request: FastifyRequest, reply: FastifyReply): boolean {
      if (!isDear(request)) return false;
      if (!meter.refuses(true)) {
        meter.beginDear();
        reply.raw.on("close", meter.endDear);
        return false;
      }
      reply.hijack();
      refuse(request.raw, reply.raw);
      return true;
    },
  };
}

function isDear({ method, routeOptions }: FastifyRequest): boolean {
  return routeOptions.config?.dear === true || !isCheap.has(method);
}

/**
 * Paths of GETs that are dear, known before the framework sees the request. Who writes one otherwise, by percent signs, is found
 * by `refusesDear`, and costs a little more.
 */
function createDearPaths() {
  const patterns: string[] = [];
  let all: RegExp | null = null;
  return {
    add(url: string): void {
      patterns.push(
        url
          .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
          .replace(/:\w+/g, "[^/]+")
          .replace(/\/$/, ""),
      );
      all = null;
    },
    have(path: string): boolean {
      all ??= new RegExp(`^(?:${patterns.join("|")})/?$`);
      return all.test(path);
    },
  };
}

/** Answers without a line in the log for each: it would cost more than the refusal. */
function createRefusal({ headers, words, isListed }: Omit<OverloadOptions, "meter" | "basePath">) {
  const known = new Map<string, Refusal>();

  function refusalFor(language: Language, retryAfterSeconds: number, asProblem: boolean): Refusal {
    const key = `${language} ${retryAfterSeconds} ${asProblem}`;
    let refusal = known.get(key);
    if (refusal === undefined) {
      const error = new AppError("busy", { retryAfterSeconds });
      const speech = { words, language };
      const made = asProblem ? renderProblem(error, speech, "") : renderDefault(error, speech, "");
      const body = Buffer.from(JSON.stringify(made));
      refusal = {
        body,
        headers: {
          ...headers,
          "content-language": tagOf(language),
          "content-length": body.byteLength,
          "content-type": `application/${asProblem ? "problem+" : ""}json; charset=utf-8`,
          "retry-after": String(retryAfterSeconds),
        },
      };
      known.set(key, refusal);
    }
    return refusal;
  }

  return (request: IncomingMessage, response: ServerResponse): void => {
    const { accept, origin } = request.headers;
    const language = words.pick(request.headers["accept-language"]);
    const seconds = soonest + randomBelow(latest - soonest + 1);
    const asProblem = accept?.includes("application/problem+json") === true;
    const refusal = refusalFor(language, seconds, asProblem);
    const ofOrigin = originHeaders(
      origin,
      origin !== undefined && isListed(origin, request.socket.localAddress),
    );
    response.writeHead(503, { ...refusal.headers, ...ofOrigin });
    response.end(refusal.body);
  };
}

interface Refusal {
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Buffer;
}
