/**
 * Where to go after a log-in: `next` of an address if it is a path of this site, else `/`. An address that leads to
 * another site (or runs `javascript:`) is how accounts are phished.
 */
export function nextPath(next: unknown): string {
  if (typeof next !== "string" || next.length > 2000) return "/";
  // Browsers read `\` as `/`, drop tabs and line ends, and fold dots away: `/.//host` becomes `//host`, another site.
  const [path = ""] = next.split(/[?#]/, 1);
  const staysHere = path.startsWith("/") && !path.includes("//") && !/[\\\p{Cc}]/u.test(next);
  return staysHere ? next : "/";
}
