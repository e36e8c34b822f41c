import type { Config, Source } from "./config.ts";
import { allowanceNames } from "./exposure-env.ts";

/**
 * Settings that are set and do nothing together with the others, each with the reason in one phrase: check-config would
 * show them as if they were in force. A function from the variable's name; undefined for one that does something.
 */
export function idleSettings(config: Config, source: Source): (name: string) => string | undefined {
  const { oauth, database, smtpUrl, redisUrl, environment } = config;
  const reasons = new Map<string, string>();
  const note = (reason: string, ...names: string[]) => {
    for (const name of names) reasons.set(name, reason);
  };

  for (const [name, client] of Object.entries(oauth.builtIn)) {
    if (client !== null) continue;
    const prefix = name.toUpperCase();
    const addresses = [`${prefix}_BASE_URL`, `${prefix}_API_BASE_URL`];
    // The redirect address is the sandbox's, too.
    if (oauth.sandboxPort !== null) note(`the sandbox stands in without ${prefix}_CLIENT_ID`, ...addresses);
    else note(`${prefix}_CLIENT_ID is not set`, ...addresses, `${prefix}_REDIRECT_URI`);
  }
  if (oauth.sandboxPort === null) note("there is no sandbox", "SANDBOX_PORT");
  else if (!Object.values(oauth.builtIn).includes(null)) {
    note("every provider has its client id, so that there is no sandbox", "SANDBOX_PORT", "SANDBOX");
  }
  if (database.engine === "sqlite") note("the database is SQLite", "DATABASE_POOL_SIZE");
  if (redisUrl === null) note("REDIS_URL is not set", "REDIS_PREFIX");
  if (smtpUrl === null) note("mails go to the development mailbox", "EMAIL_FROM", "SMTP_CONNECTIONS");
  else note("mails are sent, so that there is no mailbox", "MAILBOX_OPEN");
  if (environment === "development") note("development refuses nothing", ...allowanceNames);

  const standsInForOidc =
    oauth.sandboxPort !== null && oauth.oidc.length === 0 && Object.values(oauth.builtIn).includes(null);
  return (name) => {
    const issuer = /^(OIDC_.+)_(?:CLIENT_ID|CLIENT_SECRET|REDIRECT_URI|TITLE)$/.exec(name)?.[1];
    if (issuer === undefined || source[`${issuer}_ISSUER`]?.trim()) return reasons.get(name);
    if (name === "OIDC_OIDC_REDIRECT_URI" && standsInForOidc) return undefined;
    return `${issuer}_ISSUER is not set`;
  };
}
