import { isDomainOf, type PasskeyAddressSettings, passkeyAddressOf } from "../factors/passkey-address.ts";
import { type OwnAddress, ownAddresses } from "../kernel/own-addresses.ts";
import { basePathOf } from "../kernel/public-address.ts";
import { isWildcard } from "../kernel/settings/network-settings.ts";
import type { Config } from "./config.ts";

/**
 * Where other machines of the network find the site, for the person at the terminal. Only in development: what a
 * production's visitors use are its public addresses.
 */
export function networkSiteUrls(
  {
    environment,
    host,
    webPort,
    publicSiteUrl,
  }: Pick<Config, "environment" | "host" | "webPort" | "publicSiteUrl">,
  addresses: readonly OwnAddress[] = ownAddresses(),
): string[] {
  if (environment !== "development" || !isWildcard(host)) return [];
  return (
    addresses
      .filter(({ isLoopback }) => !isLoopback)
      // 0.0.0.0 is every address of IPv4 and none of IPv6.
      .filter((address) => host !== "0.0.0.0" || !address.host.startsWith("["))
      .map((address) => `http://${address.host}:${webPort}${basePathOf(publicSiteUrl)}`)
  );
}

/**
 * Where the site of this machine can have passkeys, which browsers refuse an address written as a number; null where it is
 * reached by a name already, or can have none.
 */
export function passkeySiteUrl(config: PasskeyAddressSettings): string | null {
  const address = passkeyAddressOf(config);
  const { hostname, protocol, port } = new URL(config.publicSiteUrl);
  const isNamed = typeof address === "string" || isDomainOf(address.rpId, hostname);
  return isNamed ? null : `${protocol}//${address.rpId}:${port}${basePathOf(config.publicSiteUrl)}`;
}

/** Lines of the banner. */
export function describeReach(config: Config, addresses?: readonly OwnAddress[]): string[] {
  const forPasskeys = passkeySiteUrl(config);
  return [
    ...(forPasskeys === null ? [] : [`         通行密钥 passkeys  ${forPasskeys}`]),
    ...networkSiteUrls(config, addresses).map((url) => `Network  局域网  ${url}`),
  ];
}
