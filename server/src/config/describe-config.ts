import { type Config, readConfig, type Source } from "./config.ts";
import { ConfigError } from "./config-problem.ts";
import { type VariableName, variables } from "./env.ts";
import { type Variable, withoutLogIn } from "./variable.ts";

/**
 * The configuration in words, for operators and for issues: never a secret, and what follows from other settings as
 * the value it has here, not as the rule in docs/configuration.md that gives it.
 */
export interface DescribedVariable {
  readonly name: string;
  /** As it is in force; secrets are hidden. */
  readonly value: string;
  readonly isDefault: boolean;
}

/** Every variable as it is in force, without secrets: safe to paste into an issue. */
export function describeVariables(source: Source): DescribedVariable[] {
  const derived = derivedValues(source);
  const described: DescribedVariable[] = (Object.keys(variables) as VariableName[]).map((name) => {
    const { secret, fallback, fallbackText } = variables[name] as Variable<unknown>;
    const raw = source[name]?.trim() ?? "";
    if (raw !== "") return { name, value: secret ? mask(raw) : withoutLogIn(raw), isDefault: false };
    const value =
      derived[name] ??
      fallbackText ??
      (Array.isArray(fallback) ? fallback.join(",") : String(fallback ?? "(not set)"));
    return { name, value, isDefault: true };
  });
  // Issuers have names of the operator's choosing, so the table above can't list them.
  for (const name of Object.keys(source)
    .filter((one) => /^OIDC_[A-Z0-9_]+$/.test(one))
    .sort()) {
    const raw = source[name]?.trim() ?? "";
    const value = name.endsWith("_SECRET") ? "(set, hidden)" : withoutLogIn(raw);
    if (raw !== "") described.push({ name, value, isDefault: false });
  }
  return described;
}

/** The same as text, one line each. */
export function describeConfig(source: Source): string {
  return describeVariables(source)
    .map(({ name, value, isDefault }) => `${name}=${value}${isDefault ? "  # default" : ""}\n`)
    .join("");
}

/** What unset variables come to here. Nothing where the configuration has problems: then the rules are shown. */
function derivedValues(source: Source): { readonly [Name in VariableName]?: string } {
  let config: Config;
  try {
    config = readConfig(source);
  } catch (error) {
    if (error instanceof ConfigError) return {};
    throw error;
  }
  const { oauth, database, publicSiteUrl } = config;
  const production = config.environment === "production";
  const callback = (provider: string) => withoutLogIn(`${publicSiteUrl}/oauth/callback/${provider}`);
  const client = oauth.sandboxPort === null ? "(not set)" : "the sandbox";
  return {
    DATA_DIR: config.dataDir,
    ...(production ? {} : { SECRET_KEY: `generated into ${config.dataDir}/secret-key` }),
    ...(database.engine === "sqlite" ? { DATABASE_URL: `sqlite:${database.file}` } : {}),
    CORS_ORIGIN_WHITELIST: config.corsOrigins.join(","),
    PUBLIC_SITE_URL: publicSiteUrl,
    PUBLIC_API_URL: config.publicApiUrl,
    CODE_REQUEST_LIMIT: limit(config.codeRequestLimit),
    LOGIN_FAILURE_LIMIT_PER_CLIENT: limit(config.loginFailureLimitPerClient),
    LOGIN_ATTEMPT_LIMIT: limit(config.loginAttemptLimit),
    LOGIN_ATTEMPT_LIMIT_PER_CLIENT: limit(config.loginAttemptLimitPerClient),
    OAUTH_LIMIT: limit(oauth.startLimit),
    HASH_CONCURRENCY: String(config.hashConcurrency),
    SANDBOX: String(oauth.sandboxPort !== null),
    DOCS_PAGE: String(config.docsPage),
    QQ_CLIENT_ID: client,
    WEIBO_CLIENT_ID: client,
    GITHUB_CLIENT_ID: client,
    WECHAT_CLIENT_ID: client,
    QQ_REDIRECT_URI: callback("qq"),
    WEIBO_REDIRECT_URI: callback("weibo"),
    GITHUB_REDIRECT_URI: callback("github"),
    WECHAT_REDIRECT_URI: callback("wechat"),
  };
}

function limit(perHour: number): string {
  return perHour === 0 ? "(unlimited)" : String(perHour);
}

function mask(raw: string): string {
  // Only where it is beyond doubt which part is the host: a password may hold @, / and ? as they are.
  const match = /^([a-z+]+:\/\/)(?:[^@/?#]*@)?([\w.:,[\]-]+)(?:[/?][^@]*)?$/.exec(raw);
  return match ? `${match[1]}…@${match[2]}` : "(set, hidden)";
}
