import { accountsSettings } from "../accounts/settings.ts";
import { codesSettings } from "../codes/settings.ts";
import { databaseSettings } from "../engines/database/settings.ts";
import { jobsSettings } from "../engines/jobs/settings.ts";
import { kvSettings } from "../engines/kv/settings.ts";
import { mailSettings } from "../engines/mail/settings.ts";
import { httpSettings } from "../http/settings.ts";
import { providerList } from "../identities/providers/providers.ts";
import { installationSettings } from "../installation/settings.ts";
import type { RoomSettings, ValuesOf, Variables } from "../kernel/settings/room-settings.ts";
import { observabilitySettings } from "../observability/settings.ts";
import { passwordsSettings } from "../passwords/settings.ts";
import { processSettings } from "../process/settings.ts";
import { sessionsSettings } from "../sessions/settings.ts";
import { signInSettings } from "../sign-in/settings.ts";
import { oauthVariables } from "./oauth-env.ts";

/** Every room that has settings, in the order in which the documentation lists them. */
export const rooms: readonly RoomSettings<Variables, object>[] = [
  installationSettings,
  httpSettings,
  databaseSettings,
  kvSettings,
  mailSettings,
  jobsSettings,
  processSettings,
  observabilitySettings,
  sessionsSettings,
  codesSettings,
  accountsSettings,
  passwordsSettings,
  signInSettings,
];

/** Of the providers' folders. No type lists their names: what reads them is in the folders, too. */
const providerVariables: object = Object.fromEntries(
  providerList.flatMap(({ settings }) => Object.entries(settings.variables)),
);

/** Every environment variable the product reads, once. `docs/configuration.md` is generated from this table. */
export const variables = {
  ...installationSettings.variables,
  ...httpSettings.variables,
  ...databaseSettings.variables,
  ...kvSettings.variables,
  ...mailSettings.variables,
  ...jobsSettings.variables,
  ...processSettings.variables,
  ...observabilitySettings.variables,
  ...sessionsSettings.variables,
  ...codesSettings.variables,
  ...accountsSettings.variables,
  ...passwordsSettings.variables,
  ...signInSettings.variables,
  ...providerVariables,
  ...oauthVariables,
} as const;

export type VariableName = keyof typeof variables;
export type Values = ValuesOf<typeof variables>;
