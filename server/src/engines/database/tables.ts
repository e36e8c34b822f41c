import type { Generated } from "kysely";
import type { Flag } from "./flag.ts";

/**
 * The tables as Kysely sees them; migrations/ makes them. Both engines store the same: times as epoch
 * milliseconds in 64-bit integers, flags as 0 or 1, so that one query layer and one data mover serve both.
 */
/** And `users`, whose columns are accounts/record.ts. */
export interface Tables {
  schema_migrations: SchemaMigrationsTable;
  installation: InstallationTable;
  login_names: LoginNamesTable;
  held_names: HeldNamesTable;
  used_codes: UsedCodesTable;
  known_devices: KnownDevicesTable;
  sessions: SessionsTable;
  signing_keys: SigningKeysTable;
  totp_factors: TotpFactorsTable;
  recovery_codes: RecoveryCodesTable;
  device_notices: DeviceNoticesTable;
  address_changes: AddressChangesTable;
  permissions: PermissionsTable;
  groups: GroupsTable;
  group_permissions: GroupPermissionsTable;
  user_groups: UserGroupsTable;
  user_permissions: UserPermissionsTable;
  audit_entries: AuditEntriesTable;
  bindings: BindingsTable;
  invitations: InvitationsTable;
  consents: ConsentsTable;
  extra_fields: ExtraFieldsTable;
  services: ServicesTable;
  service_secrets: ServiceSecretsTable;
  django_imports: DjangoImportsTable;
  kv_entries: KvEntriesTable;
  jobs: JobsTable;
  mailbox_messages: MailboxMessagesTable;
  mails: MailsTable;
}

export interface SchemaMigrationsTable {
  name: string;
  applied_at: number;
  /** Null where a program from before it applied the migration: anybody may run beside it. */
  oldest_program: number | null;
}

/** One row: see installation/identity.ts. */
export interface InstallationTable {
  singleton: 1;
  id: string;
  fingerprint: string;
  created_at: number;
  /** See rights/erased-here.ts. */
  erased_ids_up_to: Generated<number>;
}

/**
 * The one namespace of everything that can be typed into the log-in field. A row per user name, e-mail
 * address and mobile number; the primary key is what makes them unique across all three kinds.
 */
export interface LoginNamesTable {
  /** See kernel/name-key.ts for how it is folded. */
  name_key: string;
  user_id: number;
}

/** Log-in names that an account gave up, held for it alone; see accounts/held-name-store.ts. */
export interface HeldNamesTable {
  name_key: string;
  /** The account may be gone. */
  user_id: number;
  kind: "username" | "email" | "mobile";
  given_up_at: number;
}

/** Ids of verification codes whose effect was committed; the primary key makes a code usable once. */
export interface UsedCodesTable {
  code_id: string;
  expires_at: number;
}

/** Devices that logged in to an account before, as digests; see devices/known-devices.ts. */
export interface KnownDevicesTable {
  user_id: number;
  device_key: string;
  /** Known only while the account has this one. */
  credentials_version: number;
  first_seen_at: number;
  /** To the day: what was seen within one is not written again. */
  last_seen_at: number;
}

/** Devices that an account's owner was told of; see devices/device-notices.ts. */
export interface DeviceNoticesTable {
  user_id: number;
  device_key: string;
  /** Random: tells who wrote the row first. */
  mark: string;
  /** To the day. */
  last_seen_at: number;
}

/** Secrets shared with authenticator apps; see factors/second-factors.ts. */
export interface TotpFactorsTable {
  user_id: number;
  /** Encrypted under SECRET_KEY. */
  sealed: string;
  confirmed_at: number | null;
  /** The time step of the last code that was taken, half minutes since 1970. */
  last_step: Generated<number>;
  created_at: number;
}

/** Which of an account's ten recovery codes were used; see factors/recovery-code.ts. */
export interface RecoveryCodesTable {
  user_id: number;
  /** The seed they are derived from, encrypted under SECRET_KEY. */
  sealed: string;
  /** A bit for each. */
  used: Generated<number>;
  created_at: number;
}

/** What owners replaced in the last seven days; see accounts/address-changes.ts. */
export interface AddressChangesTable {
  user_id: number;
  field: "email" | "mobile";
  changed_at: number;
  value_before: string | null;
  verified_before: Flag;
}

/** Log-ins; see sessions/sessions.ts. */
export interface SessionsTable {
  /** The `sid` of its tokens. */
  id: string;
  user_id: number;
  /** Those it was opened under: others end it, without a word in the row. */
  credentials_version: number;
  /** How its owner was authenticated, and when: `created_at`. */
  way: string;
  provider: string | null;
  user_agent: string;
  network: string;
  created_at: number;
  last_seen_at: number;
  /** The latest end, or the end it had. */
  expires_at: number;
  /** Null where it has no refresh tokens: then it is not ended by being idle. */
  idle_seconds: number | null;
  /** Of the refresh token that is good now. */
  counter: Generated<number>;
  /** When its last tokens were replaced, oldest first: epoch milliseconds, separated by commas. */
  rotations: Generated<string>;
  ended_at: number | null;
  ended_by: string | null;
  /** When its owner proved themselves last; null in rows of programs before 0033: then `created_at`. */
  proved_at: number | null;
  /** The second factor they gave (factors/given-factor.ts), or null. */
  factor: string | null;
  /** Whoever of the staff acts in it in the owner's place, and in which session of their own; see sessions/impersonations.ts. */
  impersonator_id: number | null;
  impersonator_session: string | null;
}

/** What engines/kv/sql-kv.ts keeps; an expired row counts as absent until it is purged. */
export interface KvEntriesTable {
  entry_key: string;
  value: string;
  expires_at: number;
}

/** Background jobs; see jobs/job-store.ts. */
export interface JobsTable {
  /** Order of arrival. */
  sequence: Generated<number>;
  id: string;
  name: string;
  /** JSON. */
  payload: string;
  state: Generated<"waiting" | "running" | "done" | "dead">;
  /** Runs begun so far; also the fence: who holds an older number has lost the job. */
  attempts: Generated<number>;
  created_at: number;
  /** Waiting: when it may run, 0 for at once. Running: when its lease ends and another may take it over. */
  due_at: number;
  deadline_at: number | null;
  finished_at: number | null;
  last_error: string | null;
}

/** The development mailbox, empty where SMTP_URL is set. */
export interface MailboxMessagesTable {
  id: Generated<number>;
  /** The Message-ID header; unique. */
  message_id: string;
  to_address: string;
  /** The address in lower case, for looking up. */
  to_key: string;
  subject: string;
  text: string;
  html: string;
  /** Null for a mail; of an SMS subject and html are empty, and the address is the number. */
  channel: Generated<"sms" | null>;
  created_at: number;
}

export const mailStates = ["queued", "accepted", "refused", "delivered", "bounced", "complained"] as const;
export type MailState = (typeof mailStates)[number];

/** What became of each mail; see engines/mail/mail-record.ts. */
export interface MailsTable {
  id: Generated<number>;
  /** What its Message-ID has before the @. */
  mail_id: string;
  to_address: string | null;
  /** Folded, for looking up. Null until a notice to an account is sent. */
  to_key: string | null;
  /** The account may be gone. */
  user_id: number | null;
  /** The account that was logged in when it was asked for; the address need not be its. It may be gone. */
  asked_by: number | null;
  kind: string;
  state: MailState;
  /** The server's, without addresses and codes. */
  words: string | null;
  /** The provider's own id of it. */
  provider_id: string | null;
  /** The job that sends it; null of those that an earlier version queued. */
  job_id: Generated<string | null>;
  tries: Generated<number>;
  created_at: number;
  updated_at: number;
}

/** Whose turn it is to sign access tokens; see sessions/keys/key-turns.ts. */
export interface SigningKeysTable {
  turn: number;
  algorithm: "HS256" | "ES256" | "RS256";
  kid: string;
  /** The private key, encrypted under SECRET_KEY. Null for HS256, and once it was dropped. */
  sealed: string | null;
  made_at: number;
  signs_from: number;
  /** Seconds. */
  token_life: number;
  dropped_at: number | null;
}

/** What may be granted: `<app>.<codename>`. Unique by (app, codename, model). */
export interface PermissionsTable {
  id: Generated<number>;
  app: string;
  /** Django's model in lower case; empty for a permission that an operator made up. */
  model: string;
  codename: string;
  name: string;
}

export interface GroupsTable {
  id: Generated<number>;
  name: string;
}

export interface GroupPermissionsTable {
  group_id: number;
  permission_id: number;
}

export interface UserGroupsTable {
  user_id: number;
  group_id: number;
}

export interface UserPermissionsTable {
  user_id: number;
  permission_id: number;
}

/** What administrators did. `before` and `after` are JSON objects of the changed fields, never secrets. */
export interface AuditEntriesTable {
  id: Generated<number>;
  at: number;
  /** Null for the command line. */
  actor_id: number | null;
  /** The actor's user name then, or the operating system's user for the command line. */
  actor: string;
  action: string;
  target_kind: string;
  target_id: number;
  target: string;
  before: string;
  after: string;
  request_id: string | null;
  /** The account in whose place the actor did it. */
  on_behalf_of: number | null;
}

/** What is known of a binding wherever it came from. */
export interface BindingRow {
  provider: string;
  /** QQ openid or unionid, Weibo uid, GitHub id, WeChat unionid or appid and openid, Apple sub, OIDC issuer and sub. */
  account_key: string;
  user_id: number;
  /** 1 for a further key of a person who is listed under another. */
  is_alias: Flag;
  nickname: string | null;
  avatar: string | null;
  created_at: number;
  last_login_at: number | null;
}

/** One key of one person at one third-party provider; the primary key (provider, account_key) makes it one account's. */
export interface BindingsTable extends BindingRow {
  /** 1 for one that a log-in alone added, without a proof of its own: a password reset removes it. */
  unproved: Generated<Flag>;
  /** What the third party gave to be revoked with, encrypted; see identities/bindings/grants.ts. */
  sealed_grant: Generated<string | null>;
  /** When it came with an account that was joined into this one; null elsewhere. See joining/joins.ts. */
  moved_at: Generated<number | null>;
}

/** Who agreed to what; see accounts/consents.ts. Never altered. */
export interface ConsentsTable {
  user_id: number;
  document: "terms" | "privacy";
  version: string;
  agreed_at: number;
}

/** What SIGN_UP_FIELDS declares; see accounts/extra-fields.ts. */
export interface ExtraFieldsTable {
  user_id: number;
  /** A JSON object. */
  fields: string;
  updated_at: number;
}

/** Invitations to sign up; see admission/invitations.ts. */
export interface InvitationsTable {
  id: Generated<number>;
  /** A digest of what the link holds. */
  token_mac: string;
  /** Where it was mailed, and the one address it works for; null: whoever has the link. */
  email: string | null;
  /** What the account is put into. */
  group_id: number | null;
  /** Null for the command line. */
  maker_id: number | null;
  max_uses: number;
  uses: Generated<number>;
  created_at: number;
  expires_at: number;
}

/** Other programs that may ask; see services/services.ts. */
export interface ServicesTable {
  id: Generated<number>;
  name: string;
  /** Permissions, separated by spaces. */
  scopes: string;
  /** Where it may come from, separated by spaces; empty: anywhere. */
  networks: string;
  created_at: number;
  expires_at: number | null;
  /** To ten minutes. */
  last_used_at: number | null;
}

/** What a service shows: one, or two while they are replaced. */
export interface ServiceSecretsTable {
  /** A digest of it. */
  secret_mac: string;
  service_id: number;
  created_at: number;
  /** Null: as long as the service. */
  ends_at: number | null;
}

/** What was taken over of an imported account: see django/import/import-record.ts. */
export interface DjangoImportsTable {
  user_id: number;
  /** Fingerprints, separated by spaces. */
  facts: string;
}
