import type { SetUp } from "../../admin/setting-admin-routes.ts";
import { settingsInForce } from "../../config/describe-config.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Source } from "../../kernel/settings/read-variables.ts";
import type { KeyedConfig } from "../command/contexts.ts";

/** What the console shows of how this process was started: as `check-config` and `doctor` say it at the command line. */
export function setUpOf(
  { source, environment }: { readonly source: Source; readonly environment: Source },
  config: KeyedConfig,
  clock: Clock,
): SetUp {
  return {
    settings: () => settingsInForce(source, environment),
    // Loaded when it is asked for: most processes never are.
    diagnose: async () => (await import("../doctor/doctor.ts")).diagnose(config, clock),
  };
}
