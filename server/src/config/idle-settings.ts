import { type NoPasskeys, passkeyAddressOf } from "../factors/passkey-address.ts";
import type { Config, Source } from "./config.ts";
import { rooms } from "./env.ts";

/** Why there are none, in one phrase. */
export function noPasskeysText(reason: NoPasskeys): string {
  return reason === "plain_http"
    ? "PUBLIC_SITE_URL is plain http, where browsers have no passkeys"
    : "PUBLIC_SITE_URL has a number for a host, and passkeys need a domain";
}

/**
 * Settings that are set and do nothing together with the others, each with the reason in one phrase: check-config would
 * show them as if they were in force. A function from the variable's name; undefined for one that does something.
 */
export function idleSettings(config: Config, source: Source): (name: string) => string | undefined {
  const { oauth } = config;
  const reasons = new Map<string, string | undefined>(
    rooms.flatMap((room) => Object.entries(room.idle?.(config) ?? {})),
  );
  const passkeys = passkeyAddressOf(config);
  if (typeof passkeys === "string") {
    for (const name of ["WEBAUTHN_RP_ID", "WEBAUTHN_RELATED_ORIGINS"])
      reasons.set(name, noPasskeysText(passkeys));
  }
  const { sandboxPort, runsSandbox } = oauth;
  // Only here are the providers known.
  if (sandboxPort !== null && !runsSandbox) {
    const reason = "every provider has its client id, so there is no sandbox";
    for (const name of ["SANDBOX_PORT", "SANDBOX"]) reasons.set(name, reason);
  }
  const states = oauth.providers.map(({ definition, configured }) => ({
    definition,
    state: { isConfigured: configured.length > 0, hasSandbox: sandboxPort !== null, runsSandbox, source },
  }));
  return (name) => {
    for (const { definition, state } of states) {
      const reason = definition.settings.idle(name, state);
      if (reason !== undefined) return reason;
    }
    return reasons.get(name);
  };
}
