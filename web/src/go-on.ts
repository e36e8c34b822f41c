/**
 * Where a log-in leads in the end. A page of ours is shown by the router; any other path of this origin belongs to whatever
 * else is behind the same proxy, a shop, and is loaded from there. Another origin is reached only where the operator set it
 * as the site's home (SITE_HOME_URL) or lists it (RETURN_ORIGINS). No token is ever in an address.
 */
import type { Router } from "vue-router";
import { safeNextAddress, safeNextPath } from "./next-path.ts";
import { pageSettings } from "./page-settings.ts";
import { addressOf, routeOf } from "./site-path.ts";

/** Loads an address from its server; replaced in tests. */
type Load = (address: string) => void;

/** What the page says of the site; given in tests. */
interface Surroundings {
  readonly home?: string | null;
  readonly base?: string;
  readonly leave?: Load;
  readonly returnOrigins?: readonly string[];
}

const load: Load = (address) => window.location.assign(address);

/** `next` as it came, from an address or an answer; without one the operator's home, else ours. */
export async function goOn(
  router: Router,
  next: unknown,
  { home = pageSettings.home, base = pageSettings.base, leave = load, returnOrigins }: Surroundings = {},
): Promise<void> {
  const elsewhere = safeNextAddress(next, returnOrigins);
  if (!elsewhere.startsWith("/")) return leave(elsewhere);
  const address = safeNextPath(next, globalThis.location.origin, addressOf("/", base));
  const path = routeOf(address, base);
  if (path === "/" && home !== null) return leave(home);
  if (path === null || router.resolve(path).meta.isLost) return leave(address);
  // The page that is left has done its work: nobody comes back to it.
  await router.replace(path);
}
