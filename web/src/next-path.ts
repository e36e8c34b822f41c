import { siteConfig } from "./api.ts";
import { addressOf } from "./site-path.ts";

/**
 * Where to go after logging in: a path of this origin (site-path.ts), else the site's first page. `next` comes from the
 * address, and an address that leads to another site (or runs `javascript:`) is how accounts are phished.
 */
export function safeNextPath(
  value: unknown,
  origin: string = globalThis.location.origin,
  home: string = addressOf("/"),
): string {
  if (typeof value !== "string" || !value.startsWith("/") || value.length > 2000) return home;
  // Browsers read `\` as `/` and drop tabs and line ends, so `/\host` and `/<tab>/host` leave the site.
  if (/^\/[/\\]/.test(value) || /[\\\p{Cc}]/u.test(value)) return home;
  try {
    const address = new URL(value, origin);
    // Dots fold away when an address is read: `/.//host` has become `//host`, which leads to another site.
    if (address.origin !== origin || address.pathname.startsWith("//")) return home;
    return address.pathname + address.search + address.hash;
  } catch {
    return home;
  }
}

/**
 * As {@link safeNextPath}, and an address on one of the origins that the operator lists (RETURN_ORIGINS): exactly those,
 * under the site's own domain, where the session's cookie is good, too.
 */
export function safeNextAddress(
  value: unknown,
  returnOrigins: readonly string[] = siteConfig().returnOrigins,
): string {
  if (typeof value !== "string") return safeNextPath(value);
  const origin = returnOrigins.find((one) => value === one || value.startsWith(`${one}/`));
  if (origin === undefined) return safeNextPath(value);
  const path = safeNextPath(value.slice(origin.length) || "/", origin, "");
  return path === "" ? safeNextPath(undefined) : origin + path;
}
