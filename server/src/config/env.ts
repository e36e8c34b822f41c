import { accountsSettings } from "../accounts/settings.ts";
import { admissionSettings } from "../admission/settings.ts";
import { auditSettings } from "../audit/settings.ts";
import { avatarSettings } from "../avatars/settings.ts";
import { brandSettings } from "../brand/settings.ts";
import { captchaSettings } from "../captcha/settings.ts";
import { classicSettings } from "../classic/settings.ts";
import { codesSettings } from "../codes/settings.ts";
import { devicesSettings } from "../devices/settings.ts";
import { databaseSettings } from "../engines/database/settings.ts";
import { jobsSettings } from "../engines/jobs/settings.ts";
import { kvSettings } from "../engines/kv/settings.ts";
import { mailSettings } from "../engines/mail/settings.ts";
import { enginesSettings } from "../engines/settings.ts";
import { smsSettings } from "../engines/sms/settings.ts";
import { policySettings } from "../factors/policy-settings.ts";
import { factorsSettings } from "../factors/settings.ts";
import { hooksSettings } from "../hooks/settings.ts";
import { httpSettings } from "../http/settings.ts";
import { flowSettings } from "../identities/flow/settings.ts";
import { providerList } from "../identities/providers/providers.ts";
import { installationSettings } from "../installation/settings.ts";
import type { RoomSettings, Surroundings, ValuesOf, Variables } from "../kernel/settings/room-settings.ts";
import { observabilitySettings } from "../observability/settings.ts";
import { passwordsSettings } from "../passwords/settings.ts";
import { processSettings } from "../process/settings.ts";
import { rightsSettings } from "../rights/settings.ts";
import { servicesSettings } from "../services/settings.ts";
import { sessionsSettings } from "../sessions/settings.ts";
import { signInSettings } from "../sign-in/settings.ts";
import { webhookSettings } from "../webhooks/settings.ts";
import { wordsSettings } from "../words/settings.ts";

/** Every room that has settings, in the order in which the documentation lists them. The only list of them. */
const table = [
  installationSettings,
  httpSettings,
  wordsSettings,
  brandSettings,
  databaseSettings,
  kvSettings,
  mailSettings,
  smsSettings,
  jobsSettings,
  processSettings,
  observabilitySettings,
  sessionsSettings,
  codesSettings,
  captchaSettings,
  devicesSettings,
  policySettings,
  accountsSettings,
  admissionSettings,
  rightsSettings,
  hooksSettings,
  servicesSettings,
  webhookSettings,
  avatarSettings,
  auditSettings,
  passwordsSettings,
  signInSettings,
  factorsSettings,
  flowSettings,
  classicSettings,
  enginesSettings,
] as const;

type Room = (typeof table)[number];
/** All of a union at once. */
type Together<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

export const rooms: readonly RoomSettings<Variables, object>[] = table;

/** What the rooms make of their variables, as one. */
export type RoomsSettings = Together<ReturnType<Room["settings"]>>;

/** Each room's settings from the values of all variables. */
export function settingsOfRooms(values: Record<string, unknown>, around: Surroundings): RoomsSettings {
  return Object.assign({}, ...rooms.map((room) => room.settings(values, around)));
}

/** Of the providers' folders. No type lists their names: what reads them is in the folders, too. */
const providerVariables: object = Object.fromEntries(
  providerList.flatMap(({ settings }) => Object.entries(settings.variables)),
);

/** Every environment variable the product reads, once. `docs/configuration.md` is generated from this table. */
export const variables: Together<Room["variables"]> = Object.assign(
  {},
  ...rooms.map((room) => room.variables),
  providerVariables,
);

export type VariableName = keyof typeof variables;
export type Values = ValuesOf<typeof variables>;
