import { type OwnAddress, ownAddresses } from "../kernel/own-addresses.ts";
import { isWildcard } from "../kernel/settings/network-settings.ts";
import type { Config } from "./config.ts";

/**
 * Where other machines of the network find the site, for the person at the terminal. Only in development: what a
 * production's visitors use are its public addresses.
 */
export function networkSiteUrls(
  { environment, host, webPort }: Pick<Config, "environment" | "host" | "webPort">,
  addresses: readonly OwnAddress[] = ownAddresses(),
): string[] {
  if (environment !== "development" || !isWildcard(host)) return [];
  return (
    addresses
      .filter(({ isLoopback }) => !isLoopback)
      // 0.0.0.0 is every address of IPv4 and none of IPv6.
      .filter((address) => host !== "0.0.0.0" || !address.host.startsWith("["))
      .map((address) => `http://${address.host}:${webPort}`)
  );
}

/** Lines of the banner. */
export function describeReach(config: Config, addresses?: readonly OwnAddress[]): string[] {
  return networkSiteUrls(config, addresses).map((url) => `Network  局域网  ${url}`);
}
