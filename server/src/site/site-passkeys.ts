import type { FastifyInstance } from "fastify";
import { relatedOriginsPath } from "../http/well-known-routes.ts";

/** What pages and browsers know of passkeys. */
export interface SitePasskeys {
  /** The domain they are for; null where the site's address can have none. */
  readonly rpId: string | null;
  /** Origins on other domains that share them. */
  readonly relatedOrigins: readonly string[];
}

/** Tells browsers which they are; nothing where there are none. */
export function relatedOriginsRoute(site: FastifyInstance, { relatedOrigins }: SitePasskeys): void {
  if (relatedOrigins.length === 0) return;
  const origins = JSON.stringify({ origins: relatedOrigins });
  site.get(relatedOriginsPath, (_request, reply) => {
    reply.type("application/json").send(origins);
  });
}
