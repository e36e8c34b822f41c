import { createAccount } from "../accounts/account.ts";
import { accountRoutes } from "../accounts/account-routes.ts";
import { email } from "../accounts/email.ts";
import { createReservedUsernames } from "../accounts/reserved-usernames.ts";
import { securityNotice } from "../accounts/user-jobs.ts";
import { createUsers, type Users } from "../accounts/users.ts";
import { createLimits } from "../admin/administrator.ts";
import { auditRoutes } from "../admin/audit-routes.ts";
import { createGroupAdmin } from "../admin/group-admin.ts";
import { groupAdminRoutes } from "../admin/group-admin-routes.ts";
import { createUserAdmin } from "../admin/user-admin.ts";
import { userAdminRoutes } from "../admin/user-admin-routes.ts";
import { createAudit } from "../audit/audit.ts";
import { createCodeOf } from "../codes/code.ts";
import { createVerifications } from "../codes/verification.ts";
import { verificationMail } from "../codes/verification-jobs.ts";
import { verificationRoutes } from "../codes/verification-routes.ts";
import { purgeUsedCodes } from "../codes/verification-store.ts";
import type { Config } from "../config/config.ts";
import { createKnownDevices } from "../devices/known-devices.ts";
import type { Database } from "../engines/database/database.ts";
import { probeDatabase } from "../engines/database/probe.ts";
import { migrationFiles, refuseNewerSchema } from "../engines/database/schema-level.ts";
import { purgeDeadLetters, purgeFinishedJobs } from "../engines/jobs/job-store.ts";
import type { JobDefinition, JobsAdmin } from "../engines/jobs/jobs.ts";
import type { LocalRunner } from "../engines/jobs/local-runner.ts";
import { createMaintenance, type Maintenance } from "../engines/jobs/maintenance.ts";
import type { KeyValue } from "../engines/kv/kv.ts";
import { purgeExpiredEntries } from "../engines/kv/sql-kv-entries.ts";
import type { Mailer } from "../engines/mail/mail.ts";
import { createMailboxMailer } from "../engines/mail/mailbox-mailer.ts";
import type { Authenticator } from "../http/authentication.ts";
import { docsRoutes } from "../http/docs-page.ts";
import { type HealthCheck, healthRoutes } from "../http/health.ts";
import { type Api, createServer } from "../http/server.ts";
import { testRoutes } from "../http/test-routes.ts";
import { bindingRoutes } from "../identities/bindings/binding-routes.ts";
import { guardRunner } from "../installation/guarded-runner.ts";
import { holdAtStart, holdInstallation, watchInstallation } from "../installation/installation.ts";
import { type Clock, systemClock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { Metrics } from "../observability/metrics.ts";
import { createPasswords, type Passwords } from "../passwords/passwords.ts";
import type { PermissionDeclaration } from "../permissions/declared-permissions.ts";
import { createGroups, type Groups } from "../permissions/groups.ts";
import { createPermissions, type Permissions } from "../permissions/permissions.ts";
import { createTokens } from "../sessions/tokens.ts";
import { createBasicAuthenticator } from "../sign-in/basic-authenticator.ts";
import { oauthRoutes } from "../sign-in/oauth-routes.ts";
import { tokenRoutes } from "../sign-in/token-routes.ts";
import { userRoutes } from "../sign-in/user-routes.ts";
import type { SiteProvider } from "../site/site-providers.ts";
import { openDatabase, openJobs, openKv } from "./engines.ts";
import { createOauth, type OwnProvider, withOwnProviders } from "./identities.ts";
import { createSignIn } from "./sign-in.ts";

/**
 * The composition root: every part, wired by hand, in the order of the layers. Also the way to embed the
 * server in another program; `overrides` replaces what that program brings itself.
 */
export interface AppOverrides {
  readonly clock?: Clock;
  readonly mailer?: Mailer;
  /** Asked in order after those that AUTHENTICATORS names. */
  readonly authenticators?: readonly Authenticator[];
  /** What its own routes ask for by `config.permission`; made at the start, granted like any other. */
  readonly permissions?: readonly PermissionDeclaration[];
  /** Third parties to log in by, beside those of the list: docs/from-django.md, "A provider of your own". */
  readonly providers?: readonly OwnProvider[];
  /** Where the sandbox answers for third-party providers that are not configured. */
  readonly sandboxOrigin?: string;
  /** Called before the routes are added, to watch them being added. */
  readonly describe?: (api: Api, url: string) => Promise<void>;
}

export interface App {
  readonly api: Api;
  readonly worker: LocalRunner;
  readonly maintenance: Maintenance;
  readonly jobs: JobsAdmin;
  readonly db: Database;
  readonly kv: KeyValue;
  readonly mailer: Mailer;
  readonly passwords: Passwords;
  readonly users: Users;
  readonly permissions: Permissions;
  readonly groups: Groups;
  /** Null without METRICS_PORT. */
  readonly metrics: Metrics | null;
  /** Every third-party provider as `createSite` takes it, in the order in which they are offered. */
  readonly providers: readonly SiteProvider[];
  /**
   * Loads what the operator's visitors would load as the first: modules that an upgrade replaces under a running
   * process can't be loaded any more (guard: fault/replaced-modules.test.ts).
   */
  load(): Promise<void>;
  close(): Promise<void>;
}

export interface AppContext {
  readonly config: Config & { readonly secretKey: string };
  readonly log: Log;
}

/** How long an operator can look a finished job up. */
const keepDoneJobsMillis = 24 * 3600 * 1000;

export async function createApp({ config, log }: AppContext, overrides: AppOverrides = {}): Promise<App> {
  const clock = overrides.clock ?? systemClock;
  const { secretKey } = config;
  const siteUrl = config.publicSiteUrl;
  // What is wrong with them is found before anything is opened.
  const setups = withOwnProviders(config, overrides.providers ?? []);

  const db = openDatabase(config);
  const metrics =
    config.metricsPort > 0 ? (await import("../observability/metrics.ts")).createMetrics() : null;
  const { tracesUrl } = config;
  const tracing =
    tracesUrl === "" ? null : (await import("../observability/tracing.ts")).createTracing(tracesUrl);
  const observers = [metrics, tracing].filter((observer) => observer !== null);
  const opened = await openKv(config, db, clock, log);
  const kv = observers.reduce((inner, observer) => observer.kv(inner), opened.kv);
  const installation = { config, db, clock, log, claim: opened.claim };
  const isOurs = await holdAtStart(installation).catch(async (error: unknown) => {
    await opened.kv.close();
    await db.close();
    throw error;
  });
  const mailer = observers.reduce(
    (inner, observer) => observer.mailer(inner),
    overrides.mailer ??
      (config.smtpUrl === null
        ? createMailboxMailer({ db, clock })
        : (await import("../engines/mail/smtp-mailer.ts")).createSmtpMailer({
            url: config.smtpUrl,
            from: config.emailFrom,
            maxConnections: config.smtpConnections,
          })),
  );

  const passwords = createPasswords({
    hashers: config.passwordHashers,
    concurrency: config.hashConcurrency,
    queueLimit: config.hashQueueLimit,
    log,
  });
  const isHttps = config.publicApiUrl.startsWith("https:");
  const devices = createKnownDevices({ db, clock, secretKey, isHttps });
  const reservedUsernames = createReservedUsernames(config.reservedUsernames);
  const users = createUsers({ db, clock, reserved: reservedUsernames });
  const codeOf = createCodeOf(secretKey);
  const definitions: readonly JobDefinition[] = [
    verificationMail({
      codeOf,
      mailer,
      siteUrl,
      codeLifeSeconds: config.codeLifeSeconds,
      addressHasAccount: async (email) => (await users.byEmail(email)) !== null,
    }),
    securityNotice({ db, mailer, siteUrl }),
  ];
  const {
    jobs,
    admin,
    runner: openRunner,
    purges: queuePurges,
    close: closeJobs,
  } = await openJobs(config, {
    db,
    clock,
    log,
    definitions: observers.reduce((inner, observer) => observer.definitions(inner), definitions),
  });
  const runner = guardRunner(openRunner, isOurs);
  const watch = watchInstallation(installation, isOurs, runner.allow);
  const verifications = createVerifications({
    ...{ ...config, db, kv, jobs, clock, log, codeOf },
    deviceOf: async (email, asker) => devices.find(await users.byEmail(email), asker),
  });
  const account = createAccount({
    ...config,
    ...{ db, kv, clock, jobs, users, passwords, verifications, devices },
  });
  const tokens = createTokens({
    users,
    clock,
    secretKey,
    lifeSeconds: config.tokenLifeSeconds,
    foreign: config.foreignTokens,
  });

  const oauth = createOauth({
    ...config,
    ...{ db, kv, clock, log, jobs, users, passwords },
    ...{ settings: config.oauth, setups },
    sandboxOrigin: overrides.sandboxOrigin ?? null,
  });
  const signIn = createSignIn({
    ...{ ...config, ...oauth },
    ...{ db, kv, clock, log, jobs, users, passwords, verifications, devices, tokens },
  });

  const maintenance = createMaintenance({
    log,
    purges: [
      { name: "kv_entries", remove: (limit) => purgeExpiredEntries(db, clock, limit) },
      { name: "used_codes", remove: (limit) => purgeUsedCodes(db, clock, limit) },
      { name: "known_devices", remove: devices.purge },
      { name: "jobs", remove: (limit) => purgeFinishedJobs(db, clock.now() - keepDoneJobsMillis, limit) },
      { name: "dead letters", remove: (limit) => purgeDeadLetters(db, clock.now(), limit) },
      ...queuePurges,
    ],
  });

  const audit = createAudit({ db, clock });
  const permissions = createPermissions({ db, declarations: overrides.permissions ?? [] });
  const groups = createGroups({ db });
  const limits = createLimits({ permissions });
  const groupAdmin = createGroupAdmin({ db, audit, groups, limits });
  const userAdmin = createUserAdmin({
    ...{ db, clock, audit, jobs, users, permissions, groups, limits, verifications },
  });

  const basic = createBasicAuthenticator({ ...signIn, devices });
  const authenticators = { jwt: tokens.authenticator, basic };
  const api = await createServer({
    log,
    corsOrigins: config.corsOrigins,
    corsHeaders: config.corsHeaders,
    developmentSitePort: config.environment === "development" ? config.webPort : null,
    allowedHosts: config.allowedHosts,
    trustProxy: config.trustProxy,
    isHttps,
    defaultLanguage: config.defaultLanguage,
    authenticators: [
      ...config.authenticators.map((name) => authenticators[name]),
      ...(overrides.authenticators ?? []),
    ],
    hasPermission: permissions.has,
  });
  const { level } = migrationFiles();
  const checks: HealthCheck[] = [
    { name: "database", check: () => probeDatabase(db) },
    { name: "schema", check: () => refuseNewerSchema(db, level) },
    { name: "kv", check: () => kv.probe() },
    { name: "installation", check: () => holdInstallation(installation) },
  ];
  api.addHook("onReady", () => permissions.declare());
  if (overrides.describe) await overrides.describe(api, config.publicApiUrl);
  tracing?.addTo(api);
  metrics?.observe({ api, db, jobs: admin, logIns: signIn.stats, hashing: passwords.stats });
  healthRoutes(api, checks, log);
  testRoutes(api);
  if (config.docsPage) docsRoutes(api, config.apiFollowsPage ? "/" : config.publicApiUrl);
  verificationRoutes(api, { verifications, devices, addresses: email });
  userRoutes(api, { ...signIn, users, devices, reservedUsernames });
  accountRoutes(api, { account, devices, renewSession: signIn.door.renew });
  tokenRoutes(api, { ...signIn, devices });
  userAdminRoutes(api, { userAdmin, devices });
  groupAdminRoutes(api, { groupAdmin });
  auditRoutes(api, { audit, permissions });
  oauthRoutes(api, { ...oauth, ...signIn, devices, reservedUsernames });
  bindingRoutes(api, oauth);

  return {
    api,
    worker: runner,
    maintenance,
    jobs: admin,
    db,
    kv,
    mailer,
    passwords,
    ...{ users, permissions, groups },
    metrics,
    providers: oauth.providers.all.map(({ client, ...facts }) => ({ ...facts, isOffered: client !== null })),
    load: () => oauth.load(),
    async close() {
      watch.stop();
      await api.close();
      await maintenance.stop();
      await runner.stop(5);
      await closeJobs();
      await oauth.close();
      await mailer.close();
      await tracing?.close();
      await kv.close();
      await db.close();
    },
  };
}
