import type { FastifyReply, FastifyRequest } from "fastify";
import { createIsOwnHost, type IsOwnHost, isLoopbackHost } from "../kernel/own-addresses.ts";
import { oncePer } from "./once-per.ts";

/**
 * Cross-origin access (Fetch standard, "CORS protocol"). Promise: only listed origins are echoed, never `*`,
 * because credentials are allowed; a foreign origin gets an answer without Access-Control-Allow-Origin,
 * which the browser then keeps from its page. Guarded by server/test/api/cors.test.ts.
 *
 * In development every port of this machine's loopback is listed, for front ends with a server of their own, and the
 * site by the machine's other addresses, for a phone in the same network.
 *
 * The header values are the original's, recorded, and what tracing in browsers adds by itself (W3C Trace Context, W3C
 * Baggage, Sentry): without them a page with tracing could send nothing. The last five ask for a session in a cookie
 * (cookie-guard.ts), carry a proof (step-up.ts) and answer a captcha (captcha/captcha-headers.ts).
 */
const allowHeaders =
  "accept, accept-encoding, authorization, content-type, dnt, origin, user-agent, x-csrftoken, x-requested-with, accept-language, x-request-id, traceparent, tracestate, baggage, sentry-trace, x-meiduo-session, x-meiduo-proof, x-meiduo-captcha, x-meiduo-captcha-kinds, x-meiduo-captcha-handle";
const allowMethods = "DELETE, GET, OPTIONS, PATCH, POST, PUT";
const exposeHeaders = "Authorization, Content-Language, Retry-After, WWW-Authenticate, X-Request-Id";

export interface ListedOptions {
  readonly origins: readonly string[];
  /** The site's port in development; null in production, where the list alone counts. */
  readonly developmentSitePort: number | null;
  readonly isOwnHost?: IsOwnHost;
}

/** Whether pages of that origin may call the API. `localAddress` is that of the connection. */
export type IsListed = (origin: string, localAddress: string | undefined) => boolean;

export function createIsListed(options: ListedOptions): IsListed {
  const { developmentSitePort, isOwnHost = createIsOwnHost() } = options;
  const listed = new Set(options.origins);
  return (origin, localAddress) => {
    if (listed.has(origin)) return true;
    if (developmentSitePort === null) return false;
    const url = URL.parse(origin);
    if (url?.origin !== origin) return false;
    // Development servers speak https, too, and some have names such as app.localhost.
    if (isLoopbackHost(url.hostname)) return /^https?:$/.test(url.protocol);
    if (url.protocol !== "http:") return false;
    return Number(url.port || 80) === developmentSitePort && isOwnHost(url.hostname, localAddress);
  };
}

export interface CorsOptions {
  readonly origins: readonly string[];
  /** Beside the usual ones, in lower case. */
  readonly headers: readonly string[];
  readonly isListed: IsListed;
  readonly log: { warn(details: object, text: string): void };
}

/** Sets an answer's CORS headers. Answers a preflight itself, and then returns true. */
export type Cors = (request: FastifyRequest, reply: FastifyReply) => boolean;

// Always, so that no cache serves one origin's answer to another.
const withoutOrigin = { vary: "Origin" } as const;

/** What every answer tells a page of that origin. */
export function originHeaders(
  origin: string | undefined,
  isAllowed: boolean,
): Readonly<Record<string, string>> {
  if (origin === undefined) return withoutOrigin;
  const credentials = { ...withoutOrigin, "access-control-allow-credentials": "true" };
  if (!isAllowed) return credentials;
  return {
    ...credentials,
    "access-control-allow-origin": origin,
    "access-control-expose-headers": exposeHeaders,
  };
}

export function createCors(options: CorsOptions): Cors {
  const { origins, isListed, log } = options;
  const isNew = oncePer();
  const allowedHeaders = [allowHeaders, ...options.headers].join(", ");

  function tell(origin: string, host: string | undefined): void {
    // A page of this server's own needs no permission.
    if (origin.endsWith(`://${host}`) || !isNew(origin.slice(0, 200))) return;
    const isPlain = /^https?:\/\/[\w.:[\]-]+$/.test(origin) && URL.canParse(origin);
    const advice = isPlain
      ? `if the page is yours, set CORS_ORIGIN_WHITELIST=${[...origins, origin].join(",")}`
      : "a page opened from a file, or in a frame without an origin, has to be served over http";
    log.warn({ origin: origin.slice(0, 200) }, `a page of another origin was refused the API: ${advice}`);
  }

  return (request, reply) => {
    const { origin } = request.headers;
    const allowed = origin !== undefined && isListed(origin, request.socket.localAddress);
    reply.headers(originHeaders(origin, allowed));
    // Who sends a form from elsewhere, as a provider's page does, asks for no answer to read.
    const wantsAnswer = request.routeOptions.config?.takesForeignForm !== true;
    if (origin !== undefined && !allowed && wantsAnswer) tell(origin, request.headers.host);
    if (request.method === "OPTIONS" && request.headers["access-control-request-method"] !== undefined) {
      if (allowed) {
        reply.header("access-control-allow-headers", allowedHeaders);
        reply.header("access-control-allow-methods", allowMethods);
        reply.header("access-control-max-age", "86400");
      }
      reply.header("content-length", "0").code(200).send();
      return true;
    }
    return false;
  };
}
