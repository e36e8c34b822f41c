import { createApp as composeApp } from "../app/app.ts";
import type { App, AppContext, AppOverrides } from "../app/app-interface.ts";
import { migrateDatabase } from "../app/engines.ts";
import type { KeyedConfig } from "../cli/command/contexts.ts";
import { completeConfig, loadConfig as readSettings } from "../cli/command-config.ts";
import { refuseUnsafe } from "../cli/doctor/settings-checks.ts";
import { openMailbox, startProduct } from "../cli/run/start.ts";
import type { Source } from "../config/config.ts";
import { withoutServiceLinks } from "../config/service-links.ts";
import { systemClock } from "../kernel/clock.ts";
import { createLog, type Log } from "../kernel/log.ts";

/** The server inside another program: what the command line does for `start`, for a program that calls. */

/** What `createApp` and `startServer` work with. */
export interface EmbedContext {
  /** Of `loadConfig`. */
  readonly config: KeyedConfig;
  /** By default JSON lines on standard output, from LOG_LEVEL up. */
  readonly log?: Log;
}

/**
 * The settings of an environment such as `process.env`, as `start` reads them, but for the file `.env`, which Node reads
 * itself (`--env-file`). Makes the data folder and, where SECRET_KEY is not set, the key in it. Throws a ConfigError with
 * every problem, in production also with what production must not start with.
 */
export async function loadConfig(source: Source): Promise<KeyedConfig> {
  const read = await readSettings(withoutServiceLinks(source));
  refuseUnsafe(completeConfig(read, "look"));
  return completeConfig(read, "make");
}

/**
 * The API, not listening yet: `app.api` is the Fastify instance to add routes and plugins to and to listen with. The
 * database is brought up to date first; in development the mailbox is at /sandbox/mailbox/. Mail goes out once
 * `app.worker.start()` was called, here or in another process. `app.close()` ends all of it. Throws a ConfigError for the
 * settings of own providers, a ToldError (texts in `zh` and `en`) where an operator has to put something right.
 */
export async function createApp(context: EmbedContext, overrides: AppOverrides = {}): Promise<App> {
  const whole = withLog(context);
  await migrateDatabase(whole.config, overrides.clock ?? systemClock);
  const app = await composeApp(whole, overrides);
  await openMailbox(whole.config, app);
  return app;
}

/** What runs, and how it ends. */
export interface RunningServer {
  readonly app: App;
  /** PUBLIC_API_URL, by default that of API_PORT. */
  readonly apiUrl: string;
  /** PUBLIC_SITE_URL, by default that of WEB_PORT. */
  readonly siteUrl: string;
  /** Resolves when requests and jobs in hand are done and everything is closed. */
  stop(): Promise<void>;
}

export interface ServerOptions extends AppOverrides {
  /** Called with the application before anything listens: the place for own routes, `app.api.register(…)`. */
  readonly prepare?: (app: App) => unknown;
}

/**
 * Everything that `start` runs, in this process: API, site, worker, and in development the mailbox and the imitated
 * providers. Resolves when all of it answers. It is always one process, whatever WEB_CONCURRENCY says, and listens for no
 * signal: the program calls `stop`. Throws as `createApp` does, and Node's error where a port is taken.
 */
export async function startServer(
  context: EmbedContext,
  { prepare, ...overrides }: ServerOptions = {},
): Promise<RunningServer> {
  const { config: given, log } = withLog(context);
  const config = Object.freeze({ ...given, webConcurrency: 1 });
  const parts = { api: true, site: true, worker: true };
  const { app, stop } = await startProduct({ config, log }, parts, { overrides, prepare });
  return { app, stop, apiUrl: config.publicApiUrl, siteUrl: config.publicSiteUrl };
}

const withLog = ({ config, log }: EmbedContext): AppContext => ({
  config,
  log: log ?? createLog(config.logLevel),
});
