import type { Config, Source } from "./config.ts";
import { rooms } from "./env.ts";

/**
 * Settings that are set and do nothing together with the others, each with the reason in one phrase: check-config would
 * show them as if they were in force. A function from the variable's name; undefined for one that does something.
 */
export function idleSettings(config: Config, source: Source): (name: string) => string | undefined {
  const { oauth } = config;
  const reasons = new Map<string, string | undefined>(
    rooms.flatMap((room) => Object.entries(room.idle?.(config) ?? {})),
  );
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

  const standsInForOidc =
    oauth.sandboxPort !== null && oauth.oidc.length === 0 && Object.values(oauth.builtIn).includes(null);
  return (name) => {
    const issuer = /^(OIDC_.+)_(?:CLIENT_ID|CLIENT_SECRET|REDIRECT_URI|TITLE)$/.exec(name)?.[1];
    if (issuer === undefined || source[`${issuer}_ISSUER`]?.trim()) return reasons.get(name);
    if (name === "OIDC_OIDC_REDIRECT_URI" && standsInForOidc) return undefined;
    return `${issuer}_ISSUER is not set`;
  };
}
