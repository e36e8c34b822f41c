import { purgeReplaced } from "../accounts/address-changes.ts";
import type { ErasedNames } from "../accounts/erased-names.ts";
import { holdMillis, purgeHeldNames } from "../accounts/held-name-store.ts";
import type { NumberLeaves } from "../accounts/number-leaves.ts";
import type { Addresses } from "../addresses/addresses.ts";
import type { Invitations } from "../admission/invitations.ts";
import { purgeUsedCodes } from "../codes/used-codes.ts";
import type { Config } from "../config/config.ts";
import type { DeviceNotices } from "../devices/device-notices.ts";
import type { KnownDevices } from "../devices/known-devices.ts";
import type { RememberedDevices } from "../devices/remembered-devices.ts";
import type { Db } from "../engines/database/database.ts";
import { purgeDeadLetters, purgeFinishedJobs } from "../engines/jobs/job-store.ts";
import type { Purge } from "../engines/jobs/maintenance.ts";
import { purgeExpiredEntries } from "../engines/kv/sql-kv-entries.ts";
import type { MailRecord } from "../engines/mail/mail-record.ts";
import type { LostFactors } from "../factors/lost-factors.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Services } from "../services/services.ts";
import type { SigningKeys } from "../sessions/keys/signing-keys.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Refusals } from "../sign-in/refusals.ts";

/** How long an operator can look a finished job up. */
const keepDoneJobsMillis = 24 * 3600 * 1000;

/** What each table that grows is cleared of, and when: the maintenance of every process. */
export function purgesOf(
  config: Config,
  parts: {
    readonly db: Db;
    readonly clock: Clock;
    readonly devices: KnownDevices;
    readonly mails: MailRecord;
    readonly invitations: Invitations;
    readonly sessions: Sessions;
    readonly signingKeys: SigningKeys;
    readonly deviceNotices: DeviceNotices;
    readonly rememberedDevices: RememberedDevices;
    readonly services: Services;
    readonly refusals: Refusals;
    readonly lostFactors: LostFactors;
    readonly numberLeaves: NumberLeaves;
    readonly erasedNames: ErasedNames;
    readonly addresses: Addresses;
  },
): Purge[] {
  const { db, clock, devices, mails, invitations, sessions, signingKeys } = parts;
  const { deviceNotices, services, refusals, lostFactors } = parts;
  return [
    { name: "kv_entries", remove: (limit) => purgeExpiredEntries(db, clock, limit) },
    { name: "held_names", remove: (limit) => purgeHeldNames(db, clock.now() - holdMillis(config), limit) },
    {
      name: "erased_names",
      remove: (limit) => parts.erasedNames.purge(db, clock.now() - holdMillis(config), limit),
    },
    { name: "used_codes", remove: (limit) => purgeUsedCodes(db, clock, limit) },
    { name: "known_devices", remove: devices.purge },
    { name: "invitations", remove: invitations.purge },
    { name: "mails", remove: mails.purge },
    { name: "sessions", remove: sessions.purge },
    { name: "services", remove: services.purge },
    { name: "service_secrets", remove: services.purgeSecrets },
    // And looks whether a new key is due.
    { name: "signing_keys", remove: signingKeys.purge },
    { name: "address_changes", remove: (limit) => purgeReplaced(db, clock.now(), limit) },
    { name: "device_notices", remove: deviceNotices.purge },
    { name: "remembered_devices", remove: parts.rememberedDevices.purge },
    { name: "log_in_refusals", remove: refusals.purge },
    { name: "delivery_addresses", remove: parts.addresses.purge },
    { name: "lost_factors", remove: lostFactors.purge },
    { name: "due number leaves", remove: parts.numberLeaves.sweep },
    { name: "number_leaves", remove: parts.numberLeaves.purge },
    { name: "jobs", remove: (limit) => purgeFinishedJobs(db, clock.now() - keepDoneJobsMillis, limit) },
    { name: "dead letters", remove: (limit) => purgeDeadLetters(db, clock.now(), limit) },
  ];
}
