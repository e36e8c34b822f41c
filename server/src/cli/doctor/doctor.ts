import type { Config } from "../../config/config.ts";
import type { Clock } from "../../kernel/clock.ts";
import { checkOwnClock } from "./clock-checks.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { checkEngines } from "./engine-checks.ts";
import { checkNode } from "./host-checks.ts";
import { checkInstallation } from "./installation-check.ts";
import { checkMail } from "./mail-checks.ts";
import { checkSettings } from "./settings-checks.ts";

/**
 * Looks for what people get wrong when they set the product up. Changes nothing, sends no mail, and never
 * prints a secret. A check that breaks is itself a diagnosis, not the end of the others.
 */
export async function diagnose(
  config: Config & { readonly secretKey: string },
  clock: Clock,
): Promise<Diagnosis[]> {
  const all = await Promise.all([
    [checkNode(process.versions.node)],
    checkSettings(config),
    checkEngines(config, clock),
    checkMail(config),
    checkInstallation(config),
  ]);
  const found = all.flat();
  return found.some(({ check }) => check === "clock")
    ? found
    : [...found, await checkOwnClock(config, clock)];
}
