/**
 * Where to go after logging in. Only a path of this site: `next` comes from the address, and an address that leads
 * to another site (or runs `javascript:`) is how accounts are phished.
 */
export function safeNextPath(value: unknown, origin: string = globalThis.location.origin): string {
  if (typeof value !== "string" || !value.startsWith("/") || value.length > 2000) return "/";
  // Browsers read `\` as `/` and drop tabs and line ends, so `/\host` and `/<tab>/host` leave the site.
  if (/^\/[/\\]/.test(value) || /[\\\p{Cc}]/u.test(value)) return "/";
  try {
    const address = new URL(value, origin);
    // Dots fold away when an address is read: `/.//host` has become `//host`, which leads to another site.
    if (address.origin !== origin || address.pathname.startsWith("//")) return "/";
    return address.pathname + address.search + address.hash;
  } catch {
    return "/";
  }
}
