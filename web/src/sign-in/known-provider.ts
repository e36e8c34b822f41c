import { siteConfig } from "../api.ts";
import type { KnownProvider } from "../site-config.ts";

/** A provider by a name that is in an address or a binding, or nothing where it is no longer known. */
export function knownProvider(name: string): KnownProvider | undefined {
  const { providers, otherProviders } = siteConfig();
  return [...providers, ...otherProviders].find((one) => one.name === name || one.aliases.includes(name));
}
