import { type ConfigProblem, configProblem } from "../../errors/config-problem.ts";
import { SettingProblem } from "../../errors/setting-problem.ts";
import { addressBelow } from "../../kernel/public-address.ts";
import { readOne, type Source } from "../../kernel/settings/read-variables.ts";
import type { ProviderDefinition, ProviderSetup, SettingsReader } from "./definition.ts";

export interface ProvidersEnvironment {
  readonly source: Source;
  /** The variables of the definitions' tables by name, as their parsers read them. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly production: boolean;
  readonly siteUrl: string;
  readonly apiUrl: string;
}

/** Last segments below /oauth/ that are no provider's. */
const routes = ["providers", "callback"];

/** Every definition with what the environment says of it. What is wrong there is added to `problems`. */
export function readProviders(
  definitions: readonly ProviderDefinition[],
  { source, values, production, siteUrl, apiUrl }: ProvidersEnvironment,
  problems: ConfigProblem[],
): ProviderSetup[] {
  /** A folder may ask twice for a variable; what is wrong with it is reported once. */
  const alreadyRead = new Map<string, string | null>();
  const reader: SettingsReader = {
    names: Object.keys(source),
    production,
    takenNames: [
      ...definitions.flatMap(({ name, aliases, loginType }) =>
        loginType === null ? [] : [name, ...aliases],
      ),
      ...routes,
    ],
    value: (variable) => (values[variable] as string | null | undefined) ?? null,
    read(variable, parse = (raw) => raw) {
      const known = alreadyRead.get(variable);
      if (known !== undefined) return known;
      const value = readOne(variable, { parse, secret: false }, source, problems);
      const read = value === undefined ? "" : value;
      alreadyRead.set(variable, read);
      return read;
    },
    refuse: (variable, code, parameters) =>
      void problems.push(configProblem(variable, new SettingProblem(code, parameters))),
    callback: (name) => `${siteUrl}/oauth/callback/${name}`,
    formCallback: (name) => addressBelow(apiUrl, `/oauth/callback/${name}`),
  };
  return definitions.map((definition) => ({ definition, ...definition.settings.read(reader) }));
}
