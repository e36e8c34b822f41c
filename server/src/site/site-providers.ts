import type { FastifyInstance } from "fastify";
import { picturePolicy } from "./brand-routes.ts";

/** A provider as the site shows it, and what its pages need of it. */
export interface SiteProvider {
  readonly name: string;
  /** Other names that may be in a callback's address. */
  readonly aliases: readonly string[];
  readonly title: { readonly zh: string; readonly en: string };
  /** An SVG picture. */
  readonly mark: string;
  /** Whether one can log in by it; the others show where they are bound. */
  readonly isOffered: boolean;
  /** Where pictures of its people may be fetched from. */
  readonly pictureHosts: readonly RegExp[];
  /** Paths of older callback pages that lead to the site's own. */
  readonly callbackPages: readonly string[];
}

/** What pages get to know, in the order of the buttons: of each the address of its mark, below the site's path. */
export function describeProviders(providers: readonly SiteProvider[], base = "") {
  const shown = (isWanted: boolean) =>
    providers
      .filter(({ isOffered }) => isOffered === isWanted)
      .map(({ name, aliases, title }) => ({ name, aliases, title, mark: base + markPath(name) }));
  return { providers: shown(true), otherProviders: shown(false) };
}

/**
 * The marks, as pictures: in an `<img>` an SVG runs nothing and loads nothing, whatever a provider from outside brought,
 * and opened by itself it is under a policy of its own (guard: site.test.ts).
 */
export function markRoutes(site: FastifyInstance, providers: readonly SiteProvider[]): void {
  for (const { name, mark } of providers) {
    site.get(markPath(name), (_request, reply) =>
      reply
        .type("image/svg+xml; charset=utf-8")
        .headers({ "content-security-policy": picturePolicy, "cache-control": "public, max-age=86400" })
        .send(mark),
    );
  }
}

function markPath(name: string): string {
  return `/provider-marks/${name}.svg`;
}

/** Where each older callback page leads. */
export function callbackAddresses(providers: readonly SiteProvider[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    providers.flatMap(({ name, callbackPages }) =>
      callbackPages.map((page) => [page, `/oauth/callback/${name}`]),
    ),
  );
}
