import { resolve } from "node:path";
import { namedSender } from "../engines/mail/smtp-url.ts";
import { ConfigError, type ConfigProblem, configProblem } from "../errors/config-problem.ts";
import { SettingProblem, type SettingProblemCode } from "../errors/setting-problem.ts";
import { readVariables, type Source } from "../kernel/settings/read-variables.ts";
import type { Surroundings } from "../kernel/settings/room-settings.ts";
import { setByContract, wordsByContract } from "./contract-defaults.ts";
import {
  type RoomsSettings,
  rooms,
  settingsOfRooms,
  type Values,
  type VariableName,
  variables,
} from "./env.ts";
import { type OauthConfig, readOauth } from "./oauth-config.ts";

/**
 * The effective configuration: typed, checked, immutable. All problems are found before any is reported,
 * and no secret ever is in a message. What each room reads is in its settings.ts.
 */
export interface Config extends RoomsSettings {
  readonly oauth: OauthConfig;
}

export type { Source } from "../kernel/settings/read-variables.ts";

/** Reads and checks everything. Throws one ConfigError with every problem. */
export function readConfig(given: Source): Config {
  const problems: ConfigProblem[] = [];
  const isSet = (name: string) => (given[name]?.trim() ?? "") !== "";
  const source = { ...given, ...setByContract(given) };
  const values = readVariables(variables, source, problems);
  const env = values as Values;
  const production = env.ENVIRONMENT === "production";
  const around: Surroundings = { production, dataDir: resolve(env.DATA_DIR), isSet };
  for (const room of rooms) {
    const required = Object.entries(room.required ?? {}) as [VariableName, SettingProblemCode][];
    const missing = production ? required.filter(([name]) => !isSet(name)) : [];
    for (const [name, code] of missing) problems.push(configProblem(name, new SettingProblem(code)));
    for (const { variable, code, parameters } of room.problems?.(values, around) ?? []) {
      problems.push(configProblem(variable, new SettingProblem(code, parameters)));
    }
  }
  problems.push(...equalPorts(env, production));
  const settings = settingsOfRooms(values, around);
  const { publicSiteUrl: siteUrl, publicApiUrl: apiUrl } = settings;
  const oauth = readOauth(settings, { source, values, production, siteUrl, apiUrl }, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  const { brand } = settings;
  const emailFrom = brand.isOwn ? namedSender(settings.emailFrom, brand.sender) : settings.emailFrom;
  const words = wordsByContract(settings.words, settings.contract);
  return Object.freeze({ ...settings, words, emailFrom, oauth });
}

/** Two servers can't have one port. 0 stands for a free one, or for none. */
function equalPorts(env: Values, production: boolean): ConfigProblem[] {
  const names = [
    "API_PORT",
    "WEB_PORT",
    "METRICS_PORT",
    ...(production ? [] : (["SANDBOX_PORT"] as const)),
  ] as const;
  return names.flatMap((name, i) => {
    const other = names.slice(0, i).find((earlier) => env[earlier] !== 0 && env[earlier] === env[name]);
    if (other === undefined) return [];
    return [configProblem(name, new SettingProblem("portTaken", { other, port: env[name] }))];
  });
}
