/**
 * The site's path on its origin (PUBLIC_SITE_URL), which the router's own paths don't have in them. What is not below it
 * belongs to whatever else is behind the same proxy, such as a shop.
 */
import { pageSettings } from "./page-settings.ts";

/** The origin's path for one of ours: a route or a file, which begins with `/`. */
export function addressOf(path: string, base: string = pageSettings.base): string {
  return base + path;
}

/** The router's path for a path of the origin; null where that is not below the site's. */
export function routeOf(address: string, base: string = pageSettings.base): string | null {
  if (!address.startsWith(base)) return null;
  const rest = address.slice(base.length);
  if (rest.startsWith("/")) return rest;
  return rest === "" || /^[?#]/.test(rest) ? `/${rest}` : null;
}
