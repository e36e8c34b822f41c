import { hostname } from "node:os";
import { type App, type AppContext, createApp } from "../../app/app.ts";
import { migrateDatabase } from "../../app/engines.ts";
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

export async function startProduct(
  { config, log }: AppContext,
  parts: Parts,
  sockets: InheritedSockets = {},
  pages: PagesElsewhere | null = null,
): Promise<Running> {
  await migrateDatabase(config, systemClock);

  const sandbox = await openSandbox(config, parts);
  const overrides = sandbox === null ? {} : { sandboxOrigin: sandbox.origin };
  const app = await createApp({ config, log }, overrides).catch(async (error: unknown) => {
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
  return { banner: ["Meiduo Accounts is ready. 美多账号已就绪。", ...lines].join("\n  "), stop };
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
  const mailbox = config.environment === "development" && config.smtpUrl === null;
  if (mailbox && !split) {
    // Loaded only here: production never has this code in its process.
    const { mailboxRoutes } = await import("../../../../sandbox/mailbox.ts");
    mailboxRoutes(app.api, { db: app.db, isOpen: config.mailboxOpen });
  }
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
    await listenAt(app.api, "api", { fd: sockets.api, host: config.host, port: config.apiPort });
  }
  lines.push(`API      接口  ${config.publicApiUrl}${config.docsPage ? "/docs" : ""}`);
  if (mailbox) lines.push(`Mailbox  邮箱  ${config.publicApiUrl}/sandbox/mailbox/`);
}

async function openSite(begun: Begun, pages: PagesElsewhere | null): Promise<void> {
  const { config, log, app, sandbox, sockets, lines, stops } = begun;
  const { buildSiteApart, siteDir } = await import("../../site/build-site.ts");
  const { createSite } = await import("../../site/site.ts");
  const { fetchPicturesThrough } = await import("../../site/picture-fetch.ts");
  const pictures = fetchPicturesThrough(config.oauth.proxy);
  stops.push(() => pictures.close());
  if (pages === null) await buildSiteApart();
  const { publicApiUrl, publicSiteUrl, allowedHosts, trustProxy, defaultLanguage } = config;
  const site = await createSite({
    distDir: pages?.distDir ?? siteDir,
    ...{ publicApiUrl, publicSiteUrl, allowedHosts, trustProxy, defaultLanguage },
    followedApiPort: config.apiFollowsPage ? config.apiPort : null,
    providers: app.providers,
    log,
    fetchPicture: sandbox?.picturesOr(pictures.fetchPicture) ?? pictures.fetchPicture,
  });
  stops.push(() => site.close());
  const own = { fd: sockets.site, host: config.host, port: config.webPort };
  const behind = pages && { fd: undefined, host: "127.0.0.1", port: pages.port };
  await listenAt(site, "site", behind ?? own);
  lines.unshift(`Site     站点  ${config.publicSiteUrl}`, ...describeReach(config));
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
  { fd, host, port }: { fd: number | undefined; host: string; port: number },
): Promise<void> {
  if (fd !== undefined) await listenOnInherited(server, name, { fd, host, port });
  else await server.listen(name === "api" ? listenOptions(host, port) : { host, port });
}

/**
 * The imitation of the third-party providers that have no credentials; null where none is needed, and in
 * production. Whoever has the site starts it; a process of the API alone uses the one at SANDBOX_PORT.
 */
async function openSandbox({ environment, oauth }: Config, { site }: Parts) {
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
  const sandbox = await createSandbox({ environment });
  const origin = await sandbox.listen({ host: "127.0.0.1", port: sandboxPort });
  return {
    origin,
    close: () => sandbox.close(),
    picturesOr: (others: FetchPicture) => picturesFrom(origin, others),
  };
}
