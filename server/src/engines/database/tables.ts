import type { Generated } from "kysely";

/**
 * The tables as Kysely sees them; migrations/ makes them. Both engines store the same: times as epoch
 * milliseconds in 64-bit integers, flags as 0 or 1, so that one query layer and one data mover serve both.
 */
export type Flag = 0 | 1;

/** And `users`, whose columns are accounts/record.ts. */
export interface Tables {
  schema_migrations: SchemaMigrationsTable;
  installation: InstallationTable;
  login_names: LoginNamesTable;
  used_codes: UsedCodesTable;
  known_devices: KnownDevicesTable;
  permissions: PermissionsTable;
  groups: GroupsTable;
  group_permissions: GroupPermissionsTable;
  user_groups: UserGroupsTable;
  user_permissions: UserPermissionsTable;
  audit_entries: AuditEntriesTable;
  bindings: BindingsTable;
  django_imports: DjangoImportsTable;
  kv_entries: KvEntriesTable;
  jobs: JobsTable;
  mailbox_messages: MailboxMessagesTable;
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
  created_at: number;
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
}

/** One key of one person at one third-party provider; the primary key (provider, account_key) makes it one account's. */
export interface BindingsTable {
  provider: string;
  /** QQ openid or unionid, Weibo uid, GitHub id, WeChat unionid or appid and openid, OIDC issuer and sub. */
  account_key: string;
  user_id: number;
  /** 1 for a further key of a person who is listed under another. */
  is_alias: Flag;
  nickname: string | null;
  avatar: string | null;
  created_at: number;
  last_login_at: number | null;
}

/** What was taken over of an imported account: see django/import/import-record.ts. */
export interface DjangoImportsTable {
  user_id: number;
  /** Fingerprints, separated by spaces. */
  facts: string;
}
