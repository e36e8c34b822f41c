import { isLoopbackHost } from "../kernel/own-addresses.ts";

export interface SecurityHeaderOptions {
  readonly publicSiteUrl: string;
  /** Whether a page may show the frame of a vendor's captcha (captcha-frame.ts). */
  readonly hasFrame: boolean;
  /** Of the console, which shows mails in a frame of the API's. */
  readonly framesApi?: boolean;
}

/** What each answer of the site carries; the promise is at site.ts. */
export function securityHeaders(
  { publicSiteUrl, hasFrame, framesApi = false }: SecurityHeaderOptions,
  apiUrl: string,
  pageHost: string,
): Record<string, string> {
  const secure = publicSiteUrl.startsWith("https:");
  // Browsers take this header from https and from this machine alone, and complain of it elsewhere.
  const isolated = secure || isLoopbackHost(pageHost);
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    // People's own pictures are the API's.
    `img-src 'self' ${policySource(apiUrl)}`,
    `connect-src 'self' ${policySource(apiUrl)}`,
    "manifest-src 'self'",
    ...(framesApi ? [`frame-src 'self' ${policySource(apiUrl)}`] : hasFrame ? ["frame-src 'self'"] : []),
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    // Vue makes its own policy; any other string that becomes HTML or a script's address is refused.
    "require-trusted-types-for 'script'",
    "trusted-types vue",
    ...(secure ? ["upgrade-insecure-requests"] : []),
  ];
  return {
    "content-security-policy": policy.join("; "),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    // A callback's address carries a code and a state: no other site may see them.
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ...(isolated ? { "cross-origin-opener-policy": "same-origin" } : {}),
    "cross-origin-resource-policy": "same-origin",
    ...(secure ? { "strict-transport-security": "max-age=31536000" } : {}),
  };
}

/**
 * A server in the words of a Content Security Policy, which has none for an IPv6 address (CSP 3, host-source; Chromium
 * ignores it): such a one is any host with that scheme and port.
 */
function policySource(address: string): string {
  const { protocol, hostname, port, origin } = new URL(address);
  return hostname.startsWith("[") ? `${protocol}//*${port && `:${port}`}` : origin;
}
