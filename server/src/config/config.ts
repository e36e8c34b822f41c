import { join, resolve } from "node:path";
import { ConfigError, type ConfigProblem, configProblem } from "../errors/config-problem.ts";
import { SettingProblem, type SettingProblemCode } from "../errors/setting-problem.ts";
import { type TrustProxy, urlHost } from "../kernel/settings/network-settings.ts";
import type { Variable } from "../kernel/settings/variable.ts";
import type { HasherName } from "../passwords/hasher-names.ts";
import { defaultHashConcurrency } from "../process/hash-concurrency.ts";
import { type Values, type VariableName, variables } from "./env.ts";
import { type AllowanceName, allowanceNames } from "./exposure-env.ts";
import { type OauthConfig, readOauth } from "./oauth-config.ts";

/**
 * The effective configuration: typed, checked, immutable. All problems are found before any is reported,
 * and no secret ever stands in a message.
 */
export interface Config {
  readonly environment: "development" | "production";
  readonly host: string;
  readonly apiPort: number;
  readonly webPort: number;
  readonly dataDir: string;
  /** Null where secrets.ts is still to read or make it (development only). */
  readonly secretKey: string | null;
  readonly database:
    | { readonly engine: "sqlite"; readonly file: string }
    | { readonly engine: "postgres"; readonly url: string; readonly poolSize: number };
  readonly redisUrl: string | null;
  /** What all keys in Redis begin with; empty: nothing. */
  readonly redisPrefix: string;
  readonly smtpUrl: string | null;
  readonly emailFrom: string;
  /** In lower case, beside those that are always allowed. */
  readonly corsHeaders: readonly string[];
  readonly corsOrigins: readonly string[];
  readonly publicSiteUrl: string;
  readonly publicApiUrl: string;
  /** PUBLIC_API_URL is not set: a page reaches the API by the host that it was reached by itself. */
  readonly apiFollowsPage: boolean;
  /** Beside this machine's own addresses, as URLs write them; `*` stands for all. */
  readonly allowedHosts: readonly string[];
  readonly mailboxOpen: boolean;
  /** Which unsafe settings production may start with, see doctor/settings-checks.ts. */
  readonly allowances: ReadonlySet<AllowanceName>;
  /** As Fastify's trustProxy takes it. */
  readonly trustProxy: TrustProxy;
  readonly tokenLifeSeconds: number;
  /** Tokens that other services issued under the same key. */
  readonly foreignTokens: { readonly lifeSeconds: number; readonly withoutUsername: boolean };
  readonly codeLifeSeconds: number;
  readonly sendIntervalSeconds: number;
  /** Per client address and hour; 0 = unlimited. */
  readonly codeRequestLimit: number;
  /** Codes sent to one address. */
  readonly codesPerHour: number;
  readonly codesPerDay: number;
  /** Wrong codes, per client address and hour. */
  readonly codeTryLimit: number;
  /** Wrong codes of the whole site in an hour. */
  readonly wrongCodeAlarm: number;
  readonly loginFailureLimit: number;
  /** Per client address and hour; 0 = unlimited. */
  readonly loginFailureLimitPerClient: number;
  /** Wrong passwords a day, where loginFailureLimit is those of an hour. */
  readonly loginFailureLimitPerDay: number;
  /** Log-ins, right or wrong, of one account an hour; 0 = unlimited. */
  readonly loginAttemptLimit: number;
  /** Log-ins, right or wrong, of one client address an hour; 0 = unlimited. */
  readonly loginAttemptLimitPerClient: number;
  /** Wrong passwords on the whole site within an hour that raise an alarm. */
  readonly loginFailureAlarm: number;
  readonly passwordHashers: readonly HasherName[];
  /** In the order in which they are asked. */
  readonly authenticators: readonly AuthenticatorName[];
  readonly reservedUsernames: readonly string[];
  readonly hashConcurrency: number;
  readonly hashQueueLimit: number;
  readonly webConcurrency: number;
  /** 0: as many as suit the engine. */
  readonly workerConcurrency: number;
  readonly smtpConnections: number;
  /** 0: off. */
  readonly metricsPort: number;
  /** Empty: off. */
  readonly tracesUrl: string;
  readonly logLevel: string;
  readonly docsPage: boolean;
  readonly defaultLanguage: "auto" | "zh" | "en";
  readonly oauth: OauthConfig;
}

const authenticatorNames = ["jwt", "basic"] as const;
export type AuthenticatorName = (typeof authenticatorNames)[number];

export type Source = Readonly<Record<string, string | undefined>>;

/** Reads and checks everything. Throws one ConfigError with every problem. */
export function readConfig(source: Source): Config {
  const problems: ConfigProblem[] = [];
  const values = {} as Record<VariableName, unknown>;
  const isSet = (name: VariableName) => (source[name]?.trim() ?? "") !== "";
  for (const name of Object.keys(variables) as VariableName[]) {
    const { fallback, parse, secret } = variables[name] as Variable<unknown>;
    values[name] = fallback;
    if (!isSet(name)) continue;
    const raw = source[name]!.trim();
    try {
      values[name] = parse(raw);
    } catch (error) {
      if (!(error instanceof SettingProblem)) throw error;
      const { message, zh } = configProblem(name, error);
      const hide = (text: string) => (secret ? text.replaceAll(raw, "…") : text);
      problems.push({ variable: name, message: hide(message), zh: hide(zh) });
    }
  }
  const env = values as Values;
  const production = env.ENVIRONMENT === "production";
  const note = (name: VariableName, code: SettingProblemCode, parameters = {}) =>
    problems.push(configProblem(name, new SettingProblem(code, parameters)));
  if (production) {
    if (!isSet("SECRET_KEY")) note("SECRET_KEY", "requiredKey");
    if (!isSet("SMTP_URL")) note("SMTP_URL", "requiredMail");
    if (!isSet("CORS_ORIGIN_WHITELIST")) note("CORS_ORIGIN_WHITELIST", "requiredOrigins");
  }
  if (env.AUTHENTICATORS.length === 0) note("AUTHENTICATORS", "authenticatorNone", { known: "jwt" });
  const strange = env.AUTHENTICATORS.find((name) => !authenticatorNames.some((known) => known === name));
  if (strange !== undefined) {
    note("AUTHENTICATORS", "authenticatorUnknown", { value: strange, known: authenticatorNames.join(", ") });
  }
  if (env.SECRET_KEY !== null && Buffer.byteLength(env.SECRET_KEY) < 32) note("SECRET_KEY", "secretKeyShort");
  if (production && env.MAILBOX_OPEN) note("MAILBOX_OPEN", "mailboxInProduction");
  problems.push(...equalPorts(env, production));
  const publicHost = urlHost(env.HOST);
  const publicSiteUrl = env.PUBLIC_SITE_URL || `http://${publicHost}:${env.WEB_PORT}`;
  const oauth = readOauth(env, source, publicSiteUrl, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return assemble(env, production, { publicHost, publicSiteUrl, oauth });
}

function assemble(
  env: Values,
  production: boolean,
  { publicHost, publicSiteUrl, oauth }: { publicHost: string; publicSiteUrl: string; oauth: OauthConfig },
): Config {
  const dataDir = resolve(env.DATA_DIR);
  const siteOrigin = new URL(publicSiteUrl).origin;
  const listed = env.CORS_ORIGIN_WHITELIST;
  const corsOrigins = production || listed.includes(siteOrigin) ? listed : [...listed, siteOrigin];
  const publicApiUrl = env.PUBLIC_API_URL || `http://${publicHost}:${env.API_PORT}`;
  return Object.freeze({
    environment: env.ENVIRONMENT,
    host: env.HOST,
    apiPort: env.API_PORT,
    webPort: env.WEB_PORT,
    dataDir,
    secretKey: env.SECRET_KEY,
    database: databaseOf(env, dataDir),
    redisUrl: env.REDIS_URL,
    redisPrefix: env.REDIS_PREFIX,
    smtpUrl: env.SMTP_URL,
    emailFrom: env.EMAIL_FROM,
    corsHeaders: env.CORS_ALLOW_HEADERS,
    corsOrigins,
    publicSiteUrl,
    publicApiUrl,
    apiFollowsPage: env.PUBLIC_API_URL === "",
    // A page of a listed origin may call the API as it is: under its own name it can do nothing more.
    allowedHosts: [
      ...new Set([
        ...env.ALLOWED_HOSTS,
        ...[`http://${publicHost}`, publicSiteUrl, publicApiUrl, ...corsOrigins].map(
          (address) => new URL(address).hostname,
        ),
      ]),
    ],
    mailboxOpen: env.MAILBOX_OPEN,
    allowances: new Set(allowanceNames.filter((name) => env[name])),
    trustProxy: env.TRUST_PROXY,
    tokenLifeSeconds: env.JWT_EXPIRATION_DELTA,
    foreignTokens: {
      lifeSeconds: env.FOREIGN_TOKEN_LIFE || env.JWT_EXPIRATION_DELTA,
      withoutUsername: env.FOREIGN_TOKEN_WITHOUT_USERNAME,
    },
    codeLifeSeconds: env.EMAIL_CODE_EXPIRES,
    sendIntervalSeconds: env.SEND_CODE_INTERVAL,
    codesPerHour: env.EMAIL_CODES_PER_HOUR,
    codesPerDay: env.EMAIL_CODES_PER_DAY,
    codeRequestLimit: env.CODE_REQUEST_LIMIT || (production ? 120 : 0),
    codeTryLimit: env.CODE_TRY_LIMIT || (production ? 300 : 1000),
    wrongCodeAlarm: env.WRONG_CODE_ALARM,
    loginFailureLimit: env.LOGIN_FAILURE_LIMIT,
    loginFailureLimitPerClient: env.LOGIN_FAILURE_LIMIT_PER_CLIENT || (production ? 600 : 0),
    loginFailureLimitPerDay: env.LOGIN_FAILURE_LIMIT_PER_DAY,
    loginAttemptLimit: env.LOGIN_ATTEMPT_LIMIT || (production ? 1200 : 0),
    loginAttemptLimitPerClient: env.LOGIN_ATTEMPT_LIMIT_PER_CLIENT || (production ? 6000 : 0),
    loginFailureAlarm: env.LOGIN_FAILURE_ALARM,
    passwordHashers: env.PASSWORD_HASHERS,
    authenticators: env.AUTHENTICATORS as AuthenticatorName[],
    reservedUsernames: env.RESERVED_USERNAMES,
    hashConcurrency: env.HASH_CONCURRENCY || defaultHashConcurrency(env.WEB_CONCURRENCY),
    hashQueueLimit: env.HASH_QUEUE_LIMIT,
    webConcurrency: env.WEB_CONCURRENCY,
    workerConcurrency: env.WORKER_CONCURRENCY,
    smtpConnections: env.SMTP_CONNECTIONS,
    metricsPort: env.METRICS_PORT,
    tracesUrl: env.OTEL_EXPORTER_OTLP_ENDPOINT,
    logLevel: env.LOG_LEVEL,
    docsPage: env.DOCS_PAGE ?? !production,
    defaultLanguage: env.DEFAULT_LANGUAGE,
    oauth,
  });
}

function databaseOf(env: Values, dataDir: string): Config["database"] {
  const url = env.DATABASE_URL;
  if (url === null) return { engine: "sqlite", file: join(dataDir, "meiduo.sqlite3") };
  if (url.startsWith("sqlite:")) {
    return { engine: "sqlite", file: resolve(url.slice("sqlite:".length).replace(/^\/\//, "")) };
  }
  return { engine: "postgres", url, poolSize: env.DATABASE_POOL_SIZE };
}

/** Two servers can't have one port. 0 stands for a free one, or for none. */
function equalPorts(env: Values, production: boolean): ConfigProblem[] {
  const names = [
    "API_PORT",
    "WEB_PORT",
    "METRICS_PORT",
    ...(production ? [] : (["SANDBOX_PORT"] as const)),
  ] as const;
  return names.flatMap((name, i) => {
    const other = names.slice(0, i).find((earlier) => env[earlier] !== 0 && env[earlier] === env[name]);
    if (other === undefined) return [];
    return [configProblem(name, new SettingProblem("portTaken", { other, port: env[name] }))];
  });
}
