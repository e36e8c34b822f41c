/**
 * Serves the built site on its own origin, apart from the API.
 *
 * One build serves every address: what differs (the API's address, the providers) is answered at /config.json.
 * Every answer carries headers under which a page can run only its own files and talk only to itself and the API: no
 * inline script, no eval, no foreign origin, no framing. So do failures and answers to what is not a request (guard:
 * node-answers.test.ts). Never serves a file outside the build, nor anything under a name that is not the server's.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import { createClientErrorHandler } from "../http/client-error.ts";
import { schemaController } from "../http/compilers.ts";
import { addDrain } from "../http/drain.ts";
import { createSendError } from "../http/error-renderer.ts";
import { createHostCheck, readHostHeader } from "../http/host-check.ts";
import type { DefaultLanguage } from "../http/language.ts";
import { ignoreExpectations, nodeAnswersNothing } from "../http/node-answers.ts";
import { readForwardedFor, type TrustProxy, trustFunction } from "../http/trusted-proxies.ts";
import { isLoopbackHost } from "../kernel/own-addresses.ts";
import { avatarRoute, type FetchPicture } from "./avatar-proxy.ts";
import { callbackAddresses, describeProviders, markRoutes, type SiteProvider } from "./site-providers.ts";

export interface SiteOptions {
  /** Folder of the build: index.html, assets/, … */
  readonly distDir: string;
  /** Where browsers reach the API, for example `http://127.0.0.1:8000`. */
  readonly publicApiUrl: string;
  /** The API's port where a page reaches it by the host that the page itself was reached by; null: as `publicApiUrl`. */
  readonly followedApiPort?: number | null;
  /** As HostCheckOptions; by default the two addresses' hosts. */
  readonly allowedHosts?: readonly string[];
  /** Where browsers reach this site; https makes the answers say so (HSTS, no mixed content). */
  readonly publicSiteUrl: string;
  /** In the order of their buttons on the log-in page. */
  readonly providers?: readonly SiteProvider[];
  /** As the API's: whose address a visitor's is taken from; by default nobody's. */
  readonly trustProxy?: TrustProxy;
  readonly log?: FastifyBaseLogger;
  /** Of errors, as the API's. */
  readonly defaultLanguage?: DefaultLanguage;
  /** Where people's pictures come from when not from the providers' hosts. */
  readonly fetchPicture?: FetchPicture;
}

/** The paths that are pages; anything else is answered with 404 and the site's own "not found" page. */
const pages = [
  /^\/$/,
  /^\/(?:login|register|forgot-password|terms|error)\/?$/,
  /^\/account(?:\/(?:profile|contact|password|bindings))?\/?$/,
  /^\/oauth\/callback\/[\w-]+\/?$/,
];

/** Addresses of the tutorial's front end, which are in bookmarks and mails; callbacks' are with each provider. */
const oldAddresses: Readonly<Record<string, string>> = {
  "/index.html": "/",
  "/register.html": "/register",
  "/login.html": "/login",
  "/find_password.html": "/forgot-password",
  "/user_center_info.html": "/account",
  "/user_center_pass.html": "/account/password",
  "/user_center_site.html": "/account",
};

/** Makes the site's server. Throws where the build is missing or incomplete. */
export async function createSite(options: SiteOptions): Promise<FastifyInstance> {
  const index = readFileSync(join(options.distDir, "index.html"));
  const { defaultLanguage = "auto", providers = [] } = options;
  const described = describeProviders(providers);
  const refuseHost = createHostCheck({ allowedHosts: hostsOf(options), log: options.log, defaultLanguage });
  const { followedApiPort: apiPort = null, publicApiUrl } = options;
  const standard = securityHeaders(
    options,
    publicApiUrl,
    apiPort === null ? hostOf(options.publicSiteUrl) : "",
  );
  /** The host that the page was reached by, once it has been checked; null where it doesn't matter. */
  const followedHost = ({ headers: { host } }: FastifyRequest) =>
    apiPort === null || host === undefined ? null : readHostHeader(host);
  const open = (request: FastifyRequest, reply: FastifyReply): boolean => {
    reply.headers(standard);
    readForwardedFor(request, options.trustProxy ?? false);
    if (refuseHost(request, reply)) return true;
    const host = followedHost(request);
    if (host !== null) reply.headers(securityHeaders(options, `http://${host}:${apiPort}`, host));
    return false;
  };
  const sendError = createSendError(defaultLanguage);
  const site = Fastify({
    schemaController,
    ...nodeAnswersNothing,
    // Nothing here takes a body; one that comes all the same is answered with 404.
    bodyLimit: 1024,
    // The router refuses badly encoded paths on its own, without any hook.
    frameworkErrors: (error, request, reply) => {
      const answer = reply as unknown as FastifyReply;
      if (!open(request, answer)) sendError(error, request, answer);
    },
    clientErrorHandler: createClientErrorHandler(options.log ?? { info() {} }, standard),
    trustProxy: trustFunction(options.trustProxy ?? false),
    // A callback's address carries the provider's code: the site's requests are not logged.
    logController: new LogController({ disableRequestLogging: true }),
    return503OnClosing: false,
    // Fastify's default is none: a visitor who sends a byte a minute would hold a connection for ever.
    requestTimeout: 30_000,
    // The banner says where the site is; Fastify with a logger of its own would say it again.
    ...(options.log ? { childLoggerFactory: () => options.log as FastifyBaseLogger } : {}),
  });

  addDrain(site);
  ignoreExpectations(site);
  site.addHook("onRequest", (request, reply, done) => {
    if (!open(request, reply)) done();
  });
  // Fastify's own would show the visitor what failed.
  site.setErrorHandler((error, request, reply) => sendError(error, request, reply));

  site.get("/config.json", (request, reply) => {
    const host = followedHost(request);
    const apiUrl = host === null ? publicApiUrl.replace(/\/+$/, "") : `http://${host}:${apiPort}`;
    const config = JSON.stringify({ apiUrl, ...described });
    reply.header("cache-control", "no-cache").type("application/json; charset=utf-8").send(config);
  });
  site.get("/healthz", (_request, reply) => {
    reply.header("cache-control", "no-store").send({ status: "ok" });
  });

  const pictureHosts = providers.flatMap((provider) => provider.pictureHosts);
  avatarRoute(site, pictureHosts, options.fetchPicture);
  markRoutes(site, providers);

  for (const [from, to] of Object.entries({ ...oldAddresses, ...callbackAddresses(providers) })) {
    site.get(from, (request, reply) => {
      const query = request.raw.url?.indexOf("?") ?? -1;
      return reply.redirect(query < 0 ? to : to + request.raw.url!.slice(query), 302);
    });
  }

  await site.register(fastifyStatic, {
    root: options.distDir,
    index: false,
    redirect: false,
    dotfiles: "deny",
    preCompressed: true,
    cacheControl: false,
    // The routes are the files that exist now: no look-up by a name from outside, so no way out of the folder.
    wildcard: false,
    globIgnore: ["**/*.br", "**/*.gz", "**/.*", "index.html"],
    setHeaders: (reply, path) => {
      const hashed = path.includes("/assets/") || path.includes("\\assets\\");
      reply.header("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });

  site.setNotFoundHandler((request, reply) => {
    const path = request.raw.url?.split("?", 1)[0] ?? "/";
    const wantsPage = request.method === "GET" || request.method === "HEAD";
    if (!wantsPage || path.startsWith("/assets/") || /\.(?!html$)\w+$/.test(path)) {
      return reply.code(404).type("text/plain; charset=utf-8").send("404\n");
    }
    return sendPage(reply, pages.some((page) => page.test(path)) ? 200 : 404);
  });

  function sendPage(reply: FastifyReply, status: number): FastifyReply {
    return reply
      .code(status)
      .headers({ "cache-control": "no-cache", "content-type": "text/html; charset=utf-8" })
      .send(index);
  }

  return site;
}

const hostOf = (address: string) => new URL(address).hostname;

function hostsOf({ allowedHosts, publicSiteUrl, publicApiUrl }: SiteOptions): readonly string[] {
  return allowedHosts ?? [hostOf(publicSiteUrl), hostOf(publicApiUrl)];
}

function securityHeaders(
  { publicSiteUrl }: SiteOptions,
  apiUrl: string,
  pageHost: string,
): Record<string, string> {
  const secure = publicSiteUrl.startsWith("https:");
  // Browsers take this header from https and from this machine alone, and complain of it elsewhere.
  const isolated = secure || isLoopbackHost(pageHost);
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${policySource(apiUrl)}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    // Vue makes its own policy; any other string that becomes HTML or a script's address is refused.
    "require-trusted-types-for 'script'",
    "trusted-types vue",
    ...(secure ? ["upgrade-insecure-requests"] : []),
  ];
  return {
    "content-security-policy": policy.join("; "),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    // A callback's address carries a code and a state: no other site may see them.
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ...(isolated ? { "cross-origin-opener-policy": "same-origin" } : {}),
    "cross-origin-resource-policy": "same-origin",
    ...(secure ? { "strict-transport-security": "max-age=31536000" } : {}),
  };
}

/**
 * A server in the words of a Content Security Policy, which has none for an IPv6 address (CSP 3, host-source; Chromium
 * ignores it): such a one is any host with that scheme and port.
 */
function policySource(address: string): string {
  const { protocol, hostname, port, origin } = new URL(address);
  return hostname.startsWith("[") ? `${protocol}//*${port && `:${port}`}` : origin;
}
