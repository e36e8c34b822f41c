import type { Config } from "../../config/config.ts";
import { ConfigError } from "../../errors/config-problem.ts";
import { checkAddresses } from "./address-checks.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { checkFolders, checkSecret } from "./host-checks.ts";

/**
 * What this machine's own settings give away: keys, addresses, origins, permissions of folders. The one list of it: the
 * doctor reports it, a production start and check-config refuse it. Whatever depends on others (mail server, engines,
 * clocks, names) is not in it, so that their trouble never keeps a server from starting.
 */
export function checkSettings(config: Config & { readonly secretKey: string }): Diagnosis[] {
  return [...checkFolders(config), checkSecret(config), ...checkAddresses(config)];
}

/** Throws a ConfigError with everything that production must not start with and that no ALLOW_… setting permits. */
export function refuseUnsafe(config: Config): void {
  const { environment, secretKey } = config;
  if (environment !== "production" || secretKey === null) return;
  const refusals = checkSettings({ ...config, secretKey }).flatMap(({ refusal }) => refusal ?? []);
  if (refusals.length > 0) throw new ConfigError(refusals);
}
