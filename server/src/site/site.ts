/**
 * Serves the built site on its own origin, apart from the API.
 *
 * One build serves every address: what differs (the API's address, the providers) is answered at /config.json.
 * Every answer carries headers under which a page can run only its own files and talk only to itself and the API: no
 * inline script, no eval, no foreign origin, no framing. So do failures and answers to what is not a request (guard:
 * node-answers.test.ts). Never serves a file outside the build, nor anything under a name that is not the server's.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import { type Brand, defaultBrand } from "../brand/brand.ts";
import { createClientErrorHandler } from "../http/client-error.ts";
import { schemaController } from "../http/compilers.ts";
import { addDrain } from "../http/drain.ts";
import { createSendError } from "../http/error-renderer.ts";
import { createHostCheck, readHostHeader } from "../http/host-check.ts";
import { ignoreExpectations, nodeAnswersNothing } from "../http/node-answers.ts";
import { readForwardedFor, type TrustProxy, trustFunction } from "../http/trusted-proxies.ts";
import { changePasswordPage, changePasswordPath } from "../http/well-known-routes.ts";
import { ourWords, type Words } from "../words/words.ts";
import { avatarRoute, type FetchPicture } from "./avatar-proxy.ts";
import { brandRoutes } from "./brand-routes.ts";
import { brandedPage, pageBelow, pageParts } from "./branded-page.ts";
import { captchaFrameRoute, type SiteCaptcha } from "./captcha-frame.ts";
import { siteBrand } from "./page-brand.ts";
import { securityHeaders } from "./security-headers.ts";
import { relatedOriginsRoute, type SitePasskeys } from "./site-passkeys.ts";
import { createSitePaths, isConsolePage, type SitePaths } from "./site-paths.ts";
import { callbackAddresses, describeProviders, markRoutes, type SiteProvider } from "./site-providers.ts";
import { defaultSignUp, type SiteSignUp } from "./site-sign-up.ts";
import { createSiteTexts } from "./site-texts.ts";

export interface SiteOptions {
  /** Folder of the build: index.html, assets/, … */
  readonly distDir: string;
  /** Where browsers reach the API, for example `http://127.0.0.1:8000`. */
  readonly publicApiUrl: string;
  /** The API's port where a page reaches it by the host that the page itself was reached by; null: as `publicApiUrl`. */
  readonly followedApiPort?: number | null;
  /** As HostCheckOptions; by default the two addresses' hosts. */
  readonly allowedHosts?: readonly string[];
  /** Where browsers reach this site, below a path or not; https makes the answers say so (HSTS, no mixed content). */
  readonly publicSiteUrl: string;
  /** In the order of their buttons on the log-in page. */
  readonly providers?: readonly SiteProvider[];
  /** Where a log-in and the logo lead; by default the site's first page. */
  readonly homeUrl?: string | null;
  /** What the pages keep a session in; by default tokens. */
  readonly session?: "token" | "cookie";
  /** Where a log-in may lead back to beside the site's own origin; by default nowhere. */
  readonly returnOrigins?: readonly string[];
  /** In whose name the site speaks; by default 美多's. */
  readonly brand?: Brand;
  /** As the API's: whose address a visitor's is taken from; by default nobody's. */
  readonly trustProxy?: TrustProxy;
  /** Who may sign up, for the pages that lead there; by default everybody. */
  readonly signUp?: SiteSignUp;
  /** Whether a number can be proved by a code; by default not. */
  readonly sms?: boolean;
  /** By default there are none. */
  readonly passkeys?: SitePasskeys;
  /** Whose captcha the pages can show; by default no vendor's. */
  readonly captcha?: SiteCaptcha | null;
  readonly log?: FastifyBaseLogger;
  /** As the API's. */
  readonly words?: Words;
  /** Where people's pictures come from when not from the providers' hosts. */
  readonly fetchPicture?: FetchPicture;
}

/**
 * Where password managers ask, and addresses of the tutorial's front end, which are in bookmarks and mails; callbacks'
 * are with each provider.
 */
const redirects: Readonly<Record<string, string>> = {
  [changePasswordPath]: changePasswordPage,
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
  const { words = ourWords, providers = [], brand = defaultBrand } = options;
  const { signUp = defaultSignUp } = options;
  const { passkeys = { rpId: null, relatedOrigins: [] } } = options;
  const paths = createSitePaths(options.publicSiteUrl);
  const { base } = paths;
  const ownBrand = siteBrand(brand, base);
  const texts = createSiteTexts(words, base);
  const parts = pageParts({ brand, site: ownBrand, home: options.homeUrl ?? null, base, words });
  const pages = readPages(options.distDir, base, (built) => texts.writeInto(brandedPage(built, parts)));
  const captcha = pages.captcha === null ? null : (options.captcha ?? null);
  const described = describeProviders(providers, base);
  const refuseHost = createHostCheck({ allowedHosts: hostsOf(options), log: options.log, words });
  const { followedApiPort: apiPort = null, publicApiUrl } = options;
  const headersFor = (apiUrl: string, pageHost: string, framesApi: boolean) => {
    const { publicSiteUrl } = options;
    return securityHeaders({ publicSiteUrl, hasFrame: captcha !== null, framesApi }, apiUrl, pageHost);
  };
  const standardHost = apiPort === null ? hostOf(options.publicSiteUrl) : "";
  const standard = headersFor(publicApiUrl, standardHost, false);
  const ofConsole = headersFor(publicApiUrl, standardHost, true);
  /** The host that the page was reached by, once it has been checked; null where it doesn't matter. */
  const followedHost = ({ headers: { host } }: FastifyRequest) =>
    apiPort === null || host === undefined ? null : readHostHeader(host);
  const open = (request: FastifyRequest, reply: FastifyReply): boolean => {
    const framesApi = isConsolePage(request.raw.url?.split("?", 1)[0] ?? "/");
    reply.headers(framesApi ? ofConsole : standard);
    readForwardedFor(request, options.trustProxy ?? false);
    if (refuseHost(request, reply)) return true;
    const host = followedHost(request);
    if (host !== null) reply.headers(headersFor(`http://${host}:${apiPort}`, host, framesApi));
    return false;
  };
  const sendError = createSendError(words);
  const site = Fastify({
    schemaController,
    ...nodeAnswersNothing,
    // Nothing here takes a body; one that comes all the same is answered with 404.
    bodyLimit: 1024,
    rewriteUrl: ({ url = "/" }) => paths.ownTarget(url),
    // The router refuses badly encoded paths on its own, without any hook.
    frameworkErrors: (error, request, reply) => {
      const answer = reply as unknown as FastifyReply;
      if (!open(request, answer)) sendError(error, request, answer);
    },
    clientErrorHandler: createClientErrorHandler(options.log ?? { info() {} }, standard, words),
    trustProxy: trustFunction(options.trustProxy ?? false),
    // A callback's address carries the provider's code: the site's requests are not logged.
    logController: new LogController({ disableRequestLogging: true }),
    return503OnClosing: false,
    // Fastify's default is none: a visitor who sends a byte a minute would hold a connection for ever.
    requestTimeout: 30_000,
    // The banner says where the site is; Fastify with a logger of its own would say it again.
    ...(options.log ? { childLoggerFactory: () => options.log as FastifyBaseLogger } : {}),
  });

  paths.watch(site);
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
    const { session = "token", returnOrigins = [] } = options;
    const config = JSON.stringify({
      ...{ apiUrl, session, returnOrigins, ...described, brand: ownBrand.page, signUp },
      ...{ sms: options.sms ?? false, passkeys: { rpId: passkeys.rpId }, captcha: captcha?.kind ?? null },
    });
    reply.header("cache-control", "no-cache").type("application/json; charset=utf-8").send(config);
  });
  texts.addRoutes(site);
  relatedOriginsRoute(site, passkeys);
  captchaFrameRoute(site, captcha, pages.captcha);
  site.get("/healthz", (_request, reply) => {
    reply.header("cache-control", "no-store").send({ status: "ok" });
  });

  const pictureHosts = providers.flatMap((provider) => provider.pictureHosts);
  avatarRoute(site, pictureHosts, options.fetchPicture);
  markRoutes(site, providers);
  brandRoutes(site, brand, ownBrand, { base, words });

  redirectRoutes(site, base, { ...redirects, ...callbackAddresses(providers) });

  await servePages(site, options.distDir, pages, paths);
  // Where the path is a page of ours, too (/account), that page is answered, and shows itself at its address.
  if (base !== "" && !paths.isKnown(base)) redirectRoutes(site, base, { [base]: "/" });
  return site;
}

/** The pages of the build; one of somebody else's may have the site's alone. The captcha's frame has nothing of the brand. */
function readPages(distDir: string, base: string, written: (built: string) => string) {
  const read = (file: string) => pageBelow(base, readFileSync(join(distDir, file), "utf8"));
  const has = (file: string) => existsSync(join(distDir, file));
  return {
    site: written(read("index.html")),
    console: has("console.html") ? written(read("console.html")) : null,
    captcha: has("captcha.html") ? read("captcha.html") : null,
  };
}

/** The build's files, and the site's one page for everything that is a page, or the console's; 404 comes with it, too. */
async function servePages(
  site: FastifyInstance,
  distDir: string,
  html: { readonly site: string; readonly console: string | null },
  { isPage }: SitePaths,
): Promise<void> {
  await site.register(fastifyStatic, {
    root: distDir,
    index: false,
    redirect: false,
    dotfiles: "deny",
    preCompressed: true,
    cacheControl: false,
    // The routes are the files that exist now: no look-up by a name from outside, so no way out of the folder.
    wildcard: false,
    // The icon is the brand's.
    globIgnore: ["**/*.br", "**/*.gz", "**/.*", "index.html", "console.html", "captcha.html", "favicon.svg"],
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
    if (isConsolePage(path))
      return sendPage(reply, html.console === null ? 404 : 200, html.console ?? html.site);
    return sendPage(reply, isPage(path) ? 200 : 404, html.site);
  });

  function sendPage(reply: FastifyReply, status: number, page: string): FastifyReply {
    return reply
      .code(status)
      .headers({ "cache-control": "no-cache", "content-type": "text/html; charset=utf-8" })
      .send(page);
  }
}

/** With the query, which a callback's address has. They lead to paths below `base`. */
function redirectRoutes(
  site: FastifyInstance,
  base: string,
  addresses: Readonly<Record<string, string>>,
): void {
  for (const [from, path] of Object.entries(addresses)) {
    const to = base + path;
    site.get(from, (request, reply) => {
      const query = request.raw.url?.indexOf("?") ?? -1;
      return reply.redirect(query < 0 ? to : to + request.raw.url!.slice(query), 302);
    });
  }
}

const hostOf = (address: string) => new URL(address).hostname;

function hostsOf({ allowedHosts, publicSiteUrl, publicApiUrl }: SiteOptions): readonly string[] {
  return allowedHosts ?? [hostOf(publicSiteUrl), hostOf(publicApiUrl)];
}
