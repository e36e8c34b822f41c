import type { FastifyInstance } from "fastify";
import { basePathOf, targetBelow } from "../kernel/public-address.ts";

/**
 * The paths that the site answers, under the path that PUBLIC_SITE_URL gives it. Proxies pass that path on or take it off:
 * the site answers both ways, so nothing has to be said about the proxy. Pages name only addresses with it.
 */
export interface SitePaths {
  /** Without a trailing slash; empty at the root. */
  readonly base: string;
  /** Notes the routes that are added after it. */
  watch(site: FastifyInstance): void;
  /** A request's target as the routes have it. */
  ownTarget(target: string): string;
  isPage(path: string): boolean;
  /** Whether it is a page or a file of the site's. */
  isKnown(path: string): boolean;
}

/** The paths that are pages; anything else is answered with 404 and the site's own "not found" page. */
const pages = [
  /^\/$/,
  /^\/(?:login(?:\/code)?|register|forgot-password|not-me|second-factor(?:\/(?:setup|lost))?|lost-factor|keep-account|joining|account-deletion|terms|error)\/?$/,
  /^\/account(?:\/(?:profile|contact|password|passkeys|second-factor|devices|bindings|data))?\/?$/,
  /^\/oauth\/callback\/[\w-]+\/?$/,
];

/** The console's own page (console.html) for each of its paths; an unknown one shows its "not found". */
const consolePages = /^\/console(?:\/[\w/-]*)?$/;
export const isConsolePage = (path: string) => consolePages.test(path);

export function createSitePaths(publicSiteUrl: string): SitePaths {
  const base = basePathOf(publicSiteUrl);
  const files = new Set<string>();
  const patterns: RegExp[] = [];
  const isPage = (path: string) => pages.some((page) => page.test(path)) || isConsolePage(path);
  const isKnown = (path: string) =>
    isPage(path) || files.has(path) || patterns.some((pattern) => pattern.test(path));
  return {
    base,
    watch(site) {
      site.addHook("onRoute", ({ url }) => {
        if (/[:*]/.test(url)) patterns.push(patternOf(url));
        else files.add(url);
      });
    },
    ownTarget(target) {
      const below = targetBelow(base, target);
      if (below === null) return target;
      // Below /account, `/account/password` is our own page where the proxy has taken the path off, and no page where not.
      return !isKnown(pathOf(below)) && isKnown(pathOf(target)) ? target : below;
    },
    isPage,
    isKnown,
  };
}

const pathOf = (target: string) => target.split("?", 1)[0]!;

function patternOf(route: string): RegExp {
  const parts = route.split(/(:\w+|\*)/).map((part) => {
    if (part === "*") return ".*";
    return part.startsWith(":") ? "[^/]+" : part.replace(/[^\w/-]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`);
}
