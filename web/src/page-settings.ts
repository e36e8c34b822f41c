/**
 * What the site's server writes into the page itself (server/src/site/branded-page.ts), beside /config.json: what the first
 * paint needs, so that no other name or look flashes before it.
 */
import type { Brand } from "./brand.ts";

export interface PageSettings {
  /** Where a log-in and the logo lead; null: the site's own first page. */
  readonly home: string | null;
  /** The site's path on its origin, without a trailing slash; empty at the root. */
  readonly base: string;
  readonly brand: Brand;
}

const nameless: Brand = {
  name: { zh: "", en: "" },
  short: { zh: "", en: "" },
  operator: { zh: "", en: "" },
  isOwn: false,
  logo: null,
  nameBesideLogo: true,
  pageArt: true,
  termsUrl: null,
  privacyUrl: null,
  supportEmail: null,
};

export const pageSettings: PageSettings = readPageSettings(
  document.getElementById("page-settings")?.textContent,
);

/** A page without the block has no name, which is better than no page. */
export function readPageSettings(block: string | null | undefined): PageSettings {
  const written = block ? (JSON.parse(block) as Partial<PageSettings>) : {};
  return { home: null, base: "", ...written, brand: { ...nameless, ...written.brand } };
}
