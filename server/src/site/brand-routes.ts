import type { FastifyInstance } from "fastify";
import type { Brand } from "../brand/brand.ts";
import type { Words } from "../words/words.ts";
import { manifestOf, type SiteBrand } from "./page-brand.ts";

/**
 * For a picture that somebody opens by itself: it runs, loads, frames and submits nothing, whatever is in it (attack: a logo
 * from a designer, or a mark of a provider from outside, with a script in it: the site's origin holds the log-ins; guard:
 * e2e/journeys/hostile-logo.test.ts). Its own styles are its looks.
 */
export const picturePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The brand's files under /brand/, and the manifest. */
export function brandRoutes(
  site: FastifyInstance,
  brand: Brand,
  own: SiteBrand,
  { base, words }: { readonly base: string; readonly words: Words },
): void {
  const { files, icon } = own;
  for (const { path, type, content } of files) {
    site.get(path, (_request, reply) =>
      reply
        .type(type)
        .headers({
          "content-security-policy": picturePolicy,
          "cache-control": "public, max-age=31536000, immutable",
        })
        .send(content),
    );
  }
  const manifest = manifestOf(brand, icon, base, words);
  site.get("/manifest.webmanifest", (_request, reply) =>
    reply.type("application/manifest+json; charset=utf-8").header("cache-control", "no-cache").send(manifest),
  );
  // Where browsers look that read no page, and bookmarks of earlier versions.
  for (const path of ["/favicon.svg", "/favicon.ico"]) {
    site.get(path, (_request, reply) => reply.redirect(base + icon.path, 302));
  }
}
