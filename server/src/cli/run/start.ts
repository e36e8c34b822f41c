import { hostname } from "node:os";
import { createApp } from "../../app/app.ts";
import type { App, AppContext, AppOverrides } from "../../app/app-interface.ts";
import { migrateDatabase } from "../../app/engines.ts";
import type { OwnProvider } from "../../app/identities.ts";
import type { Config } from "../../config/config.ts";
import { describeReach } from "../../config/reach.ts";
import { createMetricsHostJudge } from "../../http/host-check.ts";
import { systemClock } from "../../kernel/clock.ts";
import type { FetchPicture } from "../../site/avatar-proxy.ts";
import { type InheritedSockets, listenOnInherited } from "./inherited-sockets.ts";
import { isApiProcess, listenOptions, startProcesses } from "./processes.ts";

/** What `start`, `serve` and `work` run: the API, the site and the worker, in one process. */
export interface Running {
  /** What to tell the person at the terminal once everything answers. */
  readonly banner: string;
  readonly app: App;
  stop(): Promise<void>;
}

export interface Parts {
  readonly api: boolean;
  readonly site: boolean;
  readonly worker: boolean;
}

/** Where another program serves the site's pages (`npm run dev`): there the site's own answers are given it. */
export interface PagesElsewhere {
  /** On 127.0.0.1; that program hands on what it doesn't serve itself. */
  readonly port: number;
  /** In place of the build: a folder with an index.html. */
  readonly distDir: string;
}

/** Seconds a stopping process gives to the jobs in hand. */
const stopLimitSeconds = 10;
/** Seconds after which a stopping process goes in any case; supervisors are configured to wait 20 in deploy/. */
export const lastStopSeconds = { apiProcess: 12, process: 17 };

/** What whoever starts it brings along. */
export interface Surroundings {
  readonly sockets?: InheritedSockets;
  readonly pages?: PagesElsewhere | null;
  readonly overrides?: AppOverrides;
  /** Called before anything listens, for instance to add routes. */
  readonly prepare?: ((app: App) => unknown) | undefined;
}

export async function startProduct(
  { config, log }: AppContext,
  parts: Parts,
  { sockets = {}, pages = null, overrides = {}, prepare }: Surroundings = {},
): Promise<Running> {
  await migrateDatabase(config, overrides.clock ?? systemClock);

  const sandbox = await openSandbox(config, parts, overrides.providers ?? []);
  const replaced = sandbox === null ? overrides : { ...overrides, sandboxOrigin: sandbox.origin };
  const app = await createApp({ config, log }, replaced).catch(async (error: unknown) => {
    await sandbox?.close();
    throw error;
  });
  // With several API processes this one has the site and the jobs, and looks after them.
  const split = parts.api && config.webConcurrency > 1 && !isApiProcess();
  const lines: string[] = [];
  const stops: (() => Promise<unknown>)[] = sandbox === null ? [] : [sandbox.close];
  const stop = async () => {
    const ended = app.worker.stop(stopLimitSeconds);
    for (const end of stops) await end();
    await ended;
    await app.close();
  };
  const begun: Begun = { config, log, app, sandbox, split, sockets, lines, stops };
  try {
    await prepare?.(app);
    if (parts.api && !split) await app.load();
    if (parts.api) await openApi(begun);
    if (sandbox && parts.site) lines.push(`Sandbox  沙箱  ${sandbox.origin}`);
    if (parts.site) await openSite(begun, pages);
    if (parts.worker) {
      await app.worker.start();
      app.maintenance.start();
      if (!parts.api) lines.push("Worker   任务进程");
    }
    await openMetrics(begun);
  } catch (error) {
    await stop();
    throw error;
  }
  return { banner: ["Meiduo Accounts is ready. 美多账号已就绪。", ...lines].join("\n  "), app, stop };
}

/** What a start has so far. What is opened adds how it is closed, in order, and what to tell of it. */
interface Begun extends AppContext {
  readonly app: App;
  readonly sandbox: Awaited<ReturnType<typeof openSandbox>>;
  /** Whether the API is in processes of its own. */
  readonly split: boolean;
  readonly sockets: InheritedSockets;
  readonly lines: string[];
  readonly stops: (() => Promise<unknown>)[];
}

async function openApi({ config, log, app, sandbox, split, sockets, lines, stops }: Begun): Promise<void> {
  const mailbox = split ? hasMailbox(config) : await openMailbox(config, app);
  if (split) {
    const ports = {
      API_PORT: String(config.apiPort),
      WEB_PORT: String(config.webPort),
      ...(sandbox && { SANDBOX_PORT: new URL(sandbox.origin).port }),
    };
    const { host, apiPort: port, webConcurrency: count } = config;
    const processes = await startProcesses({ count, host, port, env: ports, log, socket: sockets.api });
    stops.push(() => processes.stop(lastStopSeconds.apiProcess + 2));
  } else {
    await listenAt(app.api, "api", {
      ...{ fd: sockets.api, host: config.host, port: config.apiPort, backlog: config.listenBacklog },
    });
  }
  lines.push(`API      接口  ${config.publicApiUrl}${config.docsPage ? "/docs" : ""}`);
  if (mailbox) lines.push(`Mailbox  邮箱  ${config.publicApiUrl}/sandbox/mailbox/`);
}

const hasMailbox = ({ environment, mailUrl }: Config) => environment === "development" && mailUrl === null;

/** Adds the development mailbox's page and its JSON to the API, where mail is kept; says whether it is. */
export async function openMailbox(
  config: Config,
  { api, db, renderMail }: Pick<App, "api" | "db" | "renderMail">,
): Promise<boolean> {
  if (!hasMailbox(config)) return false;
  // Loaded only here: production never has this code in its process.
  const { mailboxRoutes } = await import("../../../../sandbox/mailbox.ts");
  const { brandPreviewRoutes } = await import("../../../../sandbox/brand-preview.ts");
  const { brand, words, publicSiteUrl: siteUrl, mailboxOpen: isOpen } = config;
  mailboxRoutes(api, { db, isOpen, brand });
  brandPreviewRoutes(api, { isOpen, brand, words, renderMail, siteUrl });
  return true;
}

async function openSite(begun: Begun, pages: PagesElsewhere | null): Promise<void> {
  const { config, log, app, sandbox, sockets, lines, stops } = begun;
  const { buildSiteApart, siteDir } = await import("../../site/build-site.ts");
  const { createSite } = await import("../../site/site.ts");
  const { captchaPage } = await import("../../captcha/captcha-page.ts");
  const { fetchPicturesThrough } = await import("../../site/picture-fetch.ts");
  const pictures = fetchPicturesThrough(config.oauth.proxy);
  stops.push(() => pictures.close());
  if (pages === null) await buildSiteApart();
  const { publicApiUrl, publicSiteUrl, allowedHosts, trustProxy, words, brand } = config;
  const site = await createSite({
    distDir: pages?.distDir ?? siteDir,
    ...{ publicApiUrl, publicSiteUrl, allowedHosts, trustProxy, words, brand },
    homeUrl: config.siteHomeUrl,
    session: config.siteSession,
    returnOrigins: app.returnOrigins,
    followedApiPort: config.apiFollowsPage ? config.apiPort : null,
    providers: app.providers,
    signUp: app.signUp,
    sms: app.sms,
    passkeys: app.passkeyDomain,
    captcha: captchaPage(config.captcha),
    log,
    fetchPicture: sandbox?.picturesOr(pictures.fetchPicture) ?? pictures.fetchPicture,
  });
  stops.push(() => site.close());
  if (hasMailbox(config)) {
    const { pagePreviewRoutes } = await import("../../../../sandbox/page-preview.ts");
    pagePreviewRoutes(site, {
      ...{ siteUrl: publicSiteUrl, apiOrigin: new URL(publicApiUrl).origin, isOpen: config.mailboxOpen },
    });
  }
  const own = { fd: sockets.site, host: config.host, port: config.webPort };
  const behind = pages && { fd: undefined, host: "127.0.0.1", port: pages.port };
  await listenAt(site, "site", { ...(behind ?? own), backlog: config.listenBacklog });
  const consoleUrl = `${config.publicSiteUrl.replace(/\/+$/, "")}/console/`;
  lines.unshift(
    ...[`Site     站点  ${config.publicSiteUrl}`, `Console  后台  ${consoleUrl}`],
    ...describeReach(config),
  );
}

async function openMetrics({ config, log, app, split, stops }: Begun): Promise<void> {
  if (app.metrics && isApiProcess()) {
    (await import("../../observability/metrics.ts")).shareMetrics(app.metrics.registry);
  } else if (app.metrics) {
    const judgeHost = createMetricsHostJudge({ allowedHosts: config.allowedHosts, log }, hostname());
    const where = { host: config.host, port: config.metricsPort, ofApiProcesses: split, judgeHost };
    const { serveMetrics } = await import("../../observability/metrics.ts");
    const metricsServer = await serveMetrics(app.metrics.registry, where);
    stops.push(async () => metricsServer.close());
  }
}

/** On the socket that was handed over, or on a port of its own. */
async function listenAt(
  server: Parameters<typeof listenOnInherited>[0],
  name: keyof InheritedSockets,
  { fd, ...at }: { fd: number | undefined; host: string; port: number; backlog: number },
): Promise<void> {
  if (fd !== undefined) await listenOnInherited(server, name, { fd, ...at });
  else await server.listen(name === "api" ? listenOptions(at) : at);
}

/**
 * The imitation of the third-party providers that have no credentials; null where none is needed, and in
 * production. Whoever has the site starts it; a process of the API alone uses the one at SANDBOX_PORT.
 */
async function openSandbox({ environment, oauth }: Config, { site }: Parts, own: readonly OwnProvider[]) {
  const { sandboxPort, runsSandbox } = oauth;
  if (sandboxPort === null || !runsSandbox) return null;
  if (!site) {
    const close = async () => {};
    const origin = `http://127.0.0.1:${sandboxPort}`;
    // The site is another process's, and so are its pictures.
    return sandboxPort === 0 ? null : { origin, close, picturesOr: (others: FetchPicture) => others };
  }
  // As the mailbox: production never has this code in its process.
  const { createSandbox } = await import("../../../../sandbox/sandbox.ts");
  const { picturesFrom } = await import("../../../../sandbox/pictures.ts");
  const providers = [...oauth.providers, ...own].map(({ definition }) => definition);
  const sandbox = await createSandbox({ environment, providers });
  const origin = await sandbox.listen({ host: "127.0.0.1", port: sandboxPort });
  return {
    origin,
    close: () => sandbox.close(),
    picturesOr: (others: FetchPicture) => picturesFrom(origin, others),
  };
}
