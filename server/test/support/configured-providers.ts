import type { Config } from "../../src/config/config.ts";

/** What was read for each provider of the definition, the folder's name. */
export function readSettings({ oauth }: Pick<Config, "oauth">, folder: string): object[] {
  const setup = oauth.providers.find(({ definition }) => definition.name === folder)!;
  return setup.configured.map(({ settings }) => settings);
}
