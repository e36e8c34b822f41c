/** What every page of ours begins with: its texts, what the site's server says of itself, and who is logged in. */
import { connectApi } from "./api.ts";
import { followCookieSession } from "./cookie-session.ts";
import { loadFirstLanguage } from "./language.ts";
import { noteImpersonation } from "./session.ts";
import { loadSiteConfig, type SiteConfig } from "./site-config.ts";

/** The trouble that kept the page from being connected; null for none. Rejects where there are no texts to say so. */
export async function connectPage({ isSite = true } = {}): Promise<{ readonly error: unknown } | null> {
  const [texts, config] = await Promise.allSettled([loadFirstLanguage(), loadSiteConfig()]);
  // Without words there is no page to say so: the page's own words for browsers that are too old are shown.
  if (texts.status === "rejected") throw texts.reason;
  return connected(config, isSite).catch((error: unknown) => ({ error }));
}

/** Resolves to null once it is known who is logged in, as far as that can be. */
async function connected(config: PromiseSettledResult<SiteConfig>, isSite: boolean): Promise<null> {
  if (config.status === "rejected") throw config.reason;
  const isImpersonated = noteImpersonation(isSite);
  connectApi(config.value, isImpersonated);
  if (config.value.session === "cookie" && !isImpersonated) await followCookieSession();
  return null;
}
