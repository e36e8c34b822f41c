import type { Config } from "../config/config.ts";
import { isSameSite } from "../kernel/same-site.ts";

/**
 * Where a log-in may lead back to beside the site's own origin. Exactly these, and only where the session is in a cookie
 * that pages there use, too: nothing that logs anybody in is ever put into an address. Guard: return-origins.test.ts.
 */
export async function returnOriginsOf(
  config: Pick<Config, "publicSiteUrl" | "returnOrigins" | "siteSession">,
): Promise<readonly string[]> {
  if (config.siteSession === "token") return [];
  const site = new URL(config.publicSiteUrl);
  const all = await Promise.all(
    config.returnOrigins.map(async (origin) => ((await isSameSite(new URL(origin), site)) ? [origin] : [])),
  );
  return all.flat();
}
