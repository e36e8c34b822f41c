import { resolve } from "node:path";
import { type AccountsSettings, accountsSettings } from "../accounts/settings.ts";
import { type CodesSettings, codesSettings } from "../codes/settings.ts";
import { type DatabaseSettings, databaseSettings } from "../engines/database/settings.ts";
import { type JobsSettings, jobsSettings } from "../engines/jobs/settings.ts";
import { type KvSettings, kvSettings } from "../engines/kv/settings.ts";
import { type MailSettings, mailSettings } from "../engines/mail/settings.ts";
import { ConfigError, type ConfigProblem, configProblem } from "../errors/config-problem.ts";
import { SettingProblem, type SettingProblemCode } from "../errors/setting-problem.ts";
import { type HttpSettings, httpSettings } from "../http/settings.ts";
import { type InstallationSettings, installationSettings } from "../installation/settings.ts";
import { readVariables, type Source } from "../kernel/settings/read-variables.ts";
import type { Surroundings } from "../kernel/settings/room-settings.ts";
import { type ObservabilitySettings, observabilitySettings } from "../observability/settings.ts";
import { type PasswordsSettings, passwordsSettings } from "../passwords/settings.ts";
import { type ProcessSettings, processSettings } from "../process/settings.ts";
import { type SessionsSettings, sessionsSettings } from "../sessions/settings.ts";
import { type SignInSettings, signInSettings } from "../sign-in/settings.ts";
import { rooms, type Values, type VariableName, variables } from "./env.ts";
import { type OauthConfig, readOauth } from "./oauth-config.ts";

/**
 * The effective configuration: typed, checked, immutable. All problems are found before any is reported,
 * and no secret ever is in a message. What each room reads is in its settings.ts.
 */
export interface Config
  extends InstallationSettings,
    HttpSettings,
    DatabaseSettings,
    KvSettings,
    MailSettings,
    JobsSettings,
    ProcessSettings,
    ObservabilitySettings,
    SessionsSettings,
    CodesSettings,
    AccountsSettings,
    PasswordsSettings,
    SignInSettings {
  readonly oauth: OauthConfig;
}

export type { Source } from "../kernel/settings/read-variables.ts";

/** Reads and checks everything. Throws one ConfigError with every problem. */
export function readConfig(source: Source): Config {
  const problems: ConfigProblem[] = [];
  const isSet = (name: VariableName) => (source[name]?.trim() ?? "") !== "";
  const values = readVariables(variables, source, problems);
  const env = values as Values;
  const production = env.ENVIRONMENT === "production";
  const around: Surroundings = { production, dataDir: resolve(env.DATA_DIR) };
  for (const room of rooms) {
    const required = Object.entries(room.required ?? {}) as [VariableName, SettingProblemCode][];
    const missing = production ? required.filter(([name]) => !isSet(name)) : [];
    for (const [name, code] of missing) problems.push(configProblem(name, new SettingProblem(code)));
    for (const { variable, code, parameters } of room.problems?.(values, around) ?? []) {
      problems.push(configProblem(variable, new SettingProblem(code, parameters)));
    }
  }
  problems.push(...equalPorts(env, production));
  const siteUrl = httpSettings.settings(env, around).publicSiteUrl;
  const oauth = readOauth(env, { source, values, production, siteUrl }, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze({
    ...installationSettings.settings(env, around),
    ...httpSettings.settings(env, around),
    ...databaseSettings.settings(env, around),
    ...kvSettings.settings(env, around),
    ...mailSettings.settings(env, around),
    ...jobsSettings.settings(env, around),
    ...processSettings.settings(env, around),
    ...observabilitySettings.settings(env, around),
    ...sessionsSettings.settings(env, around),
    ...codesSettings.settings(env, around),
    ...accountsSettings.settings(env, around),
    ...passwordsSettings.settings(env, around),
    ...signInSettings.settings(env, around),
    oauth,
  });
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
