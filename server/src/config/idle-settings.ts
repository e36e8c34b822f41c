import type { Config, Source } from "./config.ts";
import { rooms } from "./env.ts";

/**
 * Settings that are set and do nothing together with the others, each with the reason in one phrase: check-config would
 * show them as if they were in force. A function from the variable's name; undefined for one that does something.
 */
export function idleSettings(config: Config, source: Source): (name: string) => string | undefined {
  const { oauth } = config;
  const reasons = new Map<string, string | undefined>(
    rooms.flatMap((room) => Object.entries(room.idle?.(config) ?? {})),
  );
  const note = (reason: string, ...names: string[]) => {
    for (const name of names) reasons.set(name, reason);
  };

  if (oauth.sandboxPort === null) note("there is no sandbox", "SANDBOX_PORT");
  else if (!oauth.runsSandbox) {
    note("every provider has its client id, so there is no sandbox", "SANDBOX_PORT", "SANDBOX");
  }

  const { sandboxPort, runsSandbox } = oauth;
  const states = oauth.providers.map(({ definition, configured }) => ({
    definition,
    state: { isConfigured: configured.length > 0, hasSandbox: sandboxPort !== null, runsSandbox, source },
  }));
  return (name) => {
    for (const { definition, state } of states) {
      const reason = definition.settings.idle(name, state);
      if (reason !== undefined) return reason;
    }
    return reasons.get(name);
  };
}
