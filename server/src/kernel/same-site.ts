/**
 * Whether browsers take two addresses for one site ("schemefully same site", HTML standard): the same scheme, and the
 * same host or hosts under one registrable domain. Cookies with SameSite=Strict go from one to the other then. Which
 * domains can be registered is on the Public Suffix List alone (`co.uk`, `github.io`); addresses have no domain.
 * Source: https://html.spec.whatwg.org/multipage/browsers.html#sites
 */
export async function isSameSite(one: URL, other: URL): Promise<boolean> {
  if (one.protocol !== other.protocol) return false;
  if (one.hostname === other.hostname) return true;
  // Only here, because most set-ups never need the list.
  const { getDomain } = await import("tldts");
  const domain = getDomain(one.hostname, { allowPrivateDomains: true });
  return domain !== null && domain === getDomain(other.hostname, { allowPrivateDomains: true });
}
