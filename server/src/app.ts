import type { Config } from "./config/config.ts";
import type { Database } from "./database/database.ts";
import { openPostgres } from "./database/postgres.ts";
import { openSqlite } from "./database/sqlite.ts";
import type { Authenticator } from "./http/authentication.ts";
import { type HealthCheck, healthRoutes } from "./http/health.ts";
import { addOpenApi } from "./http/openapi.ts";
import { type Api, addRoutes, createServer } from "./http/server.ts";
import { testRoutes } from "./http/test-routes.ts";
import type { JobsAdmin } from "./jobs/jobs.ts";
import type { LocalRunner } from "./jobs/local-runner.ts";
import { createLocalJobs } from "./jobs/local-runner.ts";
import type { KeyValue } from "./kv/kv.ts";
import { createSqlKv } from "./kv/sql-kv.ts";
import { type Clock, systemClock } from "./lib/clock.ts";
import type { Log } from "./lib/log.ts";
import type { Mailer } from "./mail/mail.ts";
import { createMailboxMailer } from "./mail/mailbox-mailer.ts";
import { createSmtpMailer } from "./mail/smtp-mailer.ts";
import { createPasswords, type Passwords } from "./passwords/passwords.ts";
import { tokenRoutes } from "./tokens/token-routes.ts";
import { createTokens } from "./tokens/tokens.ts";
import { createLogIn } from "./users/log-in.ts";
import { createPasswordReset } from "./users/password-reset.ts";
import { createSignUp } from "./users/sign-up.ts";
import { securityNotice } from "./users/user-jobs.ts";
import { userRoutes } from "./users/user-routes.ts";
import { createUsers } from "./users/users.ts";
import { createCodeOf } from "./verifications/code.ts";
import { createVerifications } from "./verifications/verification.ts";
import { verificationMail } from "./verifications/verification-jobs.ts";
import { verificationRoutes } from "./verifications/verification-routes.ts";

/**
 * The composition root: every part, wired by hand, in the order of the layers. Also the way to embed the
 * server in another program; `overrides` replaces what that program brings itself.
 */
export interface AppOverrides {
  readonly clock?: Clock;
  readonly mailer?: Mailer;
  /** Asked in order after the access token. */
  readonly authenticators?: readonly Authenticator[];
}

export interface App {
  readonly api: Api;
  readonly worker: LocalRunner;
  readonly jobs: JobsAdmin;
  readonly db: Database;
  readonly kv: KeyValue;
  readonly mailer: Mailer;
  readonly passwords: Passwords;
  close(): Promise<void>;
}

export interface AppContext {
  readonly config: Config & { readonly secretKey: string };
  readonly log: Log;
}

/** Opens the engine the configuration names; the schema is brought up to date by `migrate`. */
export function openDatabase(config: Config): Database {
  if (config.database.engine === "sqlite") return openSqlite(config.database.file);
  return openPostgres({
    url: config.database.url,
    poolSize: config.database.poolSize,
    connectionTimeoutMillis: 1500,
    statementTimeoutMillis: 10_000,
  });
}

export async function createApp({ config, log }: AppContext, overrides: AppOverrides = {}): Promise<App> {
  const clock = overrides.clock ?? systemClock;
  const { secretKey } = config;
  const siteUrl = config.publicSiteUrl;

  const db = openDatabase(config);
  const kv = createSqlKv(db, clock);
  const mailer =
    overrides.mailer ??
    (config.smtpUrl === null
      ? createMailboxMailer({ db, clock })
      : createSmtpMailer({ url: config.smtpUrl, from: config.emailFrom }));

  const passwords = createPasswords({
    hashers: config.passwordHashers,
    concurrency: config.hashConcurrency,
    queueLimit: config.hashQueueLimit,
    log,
  });
  const users = createUsers({ db, clock });
  const codeOf = createCodeOf(secretKey);
  const { jobs, admin, runner } = createLocalJobs({
    db,
    clock,
    log,
    definitions: [
      verificationMail({
        codeOf,
        mailer,
        siteUrl,
        codeLifeSeconds: config.codeLifeSeconds,
        addressHasAccount: async (email) => (await users.byEmail(email)) !== null,
      }),
      securityNotice({ db, mailer, siteUrl }),
    ] as never,
  });
  const verifications = createVerifications({ ...config, kv, jobs, clock, log, codeOf });
  const signUp = createSignUp({ db, users, passwords, verifications });
  const passwordReset = createPasswordReset({ db, clock, jobs, passwords, verifications });
  const logIn = createLogIn({ ...config, db, kv, clock, log, passwords });
  const tokens = createTokens({ users, clock, secretKey, lifeSeconds: config.tokenLifeSeconds });

  const api = await createServer({
    log,
    corsOrigins: config.corsOrigins,
    trustProxy: config.trustProxy,
    authenticators: [tokens.authenticator, ...(overrides.authenticators ?? [])],
    hasPermission: async (user) => user.is_superuser === 1,
  });
  const checks: HealthCheck[] = [
    { name: "database", check: () => db.ping() },
    { name: "kv", check: () => kv.ping() },
  ];
  await addOpenApi(api, { page: config.docsPage, url: config.publicApiUrl });
  addRoutes(api, () => {
    healthRoutes(api, checks);
    testRoutes(api);
    verificationRoutes(api, { verifications });
    userRoutes(api, { users, signUp, passwordReset, issueToken: tokens.issue });
    tokenRoutes(api, { logIn, tokens });
  });

  return {
    api,
    worker: runner,
    jobs: admin,
    db,
    kv,
    mailer,
    passwords,
    async close() {
      await api.close();
      await runner.stop(5);
      await mailer.close();
      await kv.close();
      await db.close();
    },
  };
}
