import { isIP } from "node:net";
import { isLoopbackHost } from "../kernel/own-addresses.ts";

/**
 * Where passkeys work. A passkey belongs to a domain (its RP ID), and browsers make and show it only on pages of that domain
 * that are secure: https, or a host called localhost. An address written as a number has no domain, http elsewhere is not
 * secure (W3C Web Authentication, section 5.1.3, and Secure Contexts).
 */
export interface PasskeyAddress {
  /** The domain that passkeys are for. */
  readonly rpId: string;
  /** Whether a page of that origin may show one. */
  readonly isExpected: (origin: string) => boolean;
  /** Beside the site's domain: origins that share its passkeys, as `/.well-known/webauthn` lists them. */
  readonly relatedOrigins: readonly string[];
}

/** Why the site's address can't have passkeys. */
export type NoPasskeys = "plain_http" | "address_without_name";

export interface PasskeyAddressSettings {
  readonly publicSiteUrl: string;
  readonly corsOrigins: readonly string[];
  readonly environment: "development" | "production";
  readonly webauthnRpId: string | null;
  readonly webauthnRelatedOrigins: readonly string[];
}

export function passkeyAddressOf(config: PasskeyAddressSettings): PasskeyAddress | NoPasskeys {
  const { publicSiteUrl, corsOrigins, webauthnRelatedOrigins: relatedOrigins } = config;
  const site = new URL(publicSiteUrl);
  const isDevelopment = config.environment === "development";
  // The same machine by its name: `start` prints that address, too.
  const byName = isDevelopment && isNumber(site.hostname) && isLoopbackHost(site.hostname);
  const rpId = config.webauthnRpId ?? (byName ? "localhost" : site.hostname);
  if (!byName && isNumber(site.hostname)) return "address_without_name";
  if (!byName && !isSecure(site)) return "plain_http";
  // Pages of these origins may call the API already. Those elsewhere than on the passkeys' domain share none.
  const own = [site.origin, ...corsOrigins].filter((origin) => isOf(rpId, origin));
  const expected = new Set([...own, ...relatedOrigins]);
  const isExpected = (origin: string) =>
    // Front ends under development have servers of their own on other ports.
    expected.has(origin) || (isDevelopment && rpId === "localhost" && isOf(rpId, origin));
  return { rpId, isExpected, relatedOrigins };
}

/** Whether the domain is the host's own or one above it. */
export function isDomainOf(rpId: string, host: string): boolean {
  return host === rpId || host.endsWith(`.${rpId}`);
}

function isOf(rpId: string, origin: string): boolean {
  const url = URL.parse(origin);
  return url?.origin === origin && isSecure(url) && isDomainOf(rpId, url.hostname);
}

function isSecure({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || (protocol === "http:" && /(?:^|\.)localhost$/.test(hostname));
}

/** As URLs write it: an IPv6 address in brackets. */
function isNumber(host: string): boolean {
  return isIP(host) !== 0 || host.startsWith("[");
}
