-- Generated from server/migrations by `npm run generate` (the SQLite rendering).

CREATE TABLE account_joins (joined_id bigint not null primary key,
  user_id bigint not null references users (id) on delete cascade,
  at bigint not null,
  joined_by varchar(10) not null);

CREATE TABLE address_changes (user_id bigint not null references users (id) on delete cascade,
  field varchar(10) not null,
  changed_at bigint not null,
  value_before varchar(254),
  verified_before integer not null, constraint address_changes_primary_key primary key (user_id, field, changed_at));

CREATE TABLE age_declarations (user_id bigint not null references users (id) on delete cascade,
  declared varchar(20) not null,
  guardian_contact varchar(254),
  declared_at bigint not null, constraint age_declarations_primary_key primary key (user_id, declared));

CREATE TABLE audit_entries (id integer primary key autoincrement,
  at bigint not null,
  actor_id bigint,
  actor varchar(150) not null,
  action varchar(60) not null,
  target_kind varchar(30) not null,
  target_id bigint not null,
  target varchar(255) not null,
  before text not null,
  after text not null,
  request_id varchar(64),
  on_behalf_of bigint);

CREATE TABLE audit_keys (subject varchar(40) not null primary key,
  mac_key varchar(43) not null);

CREATE TABLE audit_links (entry_id bigint not null primary key,
  entry_hash varchar(43) not null,
  actor_mac varchar(43),
  target_mac varchar(43),
  hash varchar(43) not null,
  signature varchar(43),
  purged_at bigint,
  purge_signature varchar(43));

CREATE TABLE audit_marks (name varchar(20) not null primary key,
  entry_id bigint not null,
  said varchar(600),
  signature varchar(43));

CREATE TABLE avatar_files (name varchar(22) not null primary key references avatars (name) on delete cascade,
  content text not null);

CREATE TABLE avatars (name varchar(22) not null primary key,
  user_id bigint references users (id) on delete set null,
  store varchar(10) not null,
  created_at bigint not null,
  due_at bigint);

CREATE TABLE bindings (provider varchar(32) not null,
  account_key varchar(512) not null,
  user_id bigint not null references users (id) on delete cascade,
  is_alias integer default 0 not null,
  nickname varchar(256),
  avatar varchar(512),
  created_at bigint not null,
  last_login_at bigint,
  unproved integer default 0 not null,
  sealed_grant text,
  moved_at bigint, constraint bindings_primary_key primary key (provider, account_key));

CREATE TABLE bulk_run_accounts (run_id varchar(22) not null references bulk_runs (id) on delete cascade,
  user_id bigint not null references users (id) on delete cascade,
  outcome varchar(40), constraint bulk_run_accounts_key primary key (run_id, user_id));

CREATE TABLE bulk_runs (id varchar(22) primary key,
  actor_id bigint references users (id) on delete set null,
  actor varchar(150) not null,
  action varchar(20) not null,
  reason varchar(500) not null,
  group_id bigint,
  total integer not null,
  started_at bigint not null,
  finished_at bigint);

CREATE TABLE consent_choices (user_id bigint not null references users (id) on delete cascade,
  purpose varchar(20) not null,
  chosen_at bigint not null,
  version varchar(50) not null, given smallint not null, constraint consent_choices_primary_key primary key (user_id, purpose, chosen_at));

CREATE TABLE consents (user_id bigint not null references users (id) on delete cascade,
  document varchar(20) not null,
  version varchar(50) not null,
  agreed_at bigint not null, constraint consents_primary_key primary key (user_id, document, version));

CREATE TABLE data_exports (id varchar(22) not null primary key,
  user_id bigint not null references users (id) on delete cascade,
  language varchar(35) not null,
  asked_at bigint not null,
  ready_at bigint,
  expires_at bigint not null,
  bytes integer,
  sealed text);

CREATE TABLE deleted_accounts (user_id bigint not null primary key,
  deleted_at bigint not null,
  mac varchar(43));

CREATE TABLE deletion_holds (user_id bigint not null references users (id) on delete cascade,
  service varchar(50) not null,
  reason varchar(500) not null,
  held_at bigint not null,
  held_until bigint not null, constraint deletion_holds_primary primary key (user_id, service));

CREATE TABLE delivery_addresses (id integer primary key autoincrement,
  user_id bigint not null references users (id) on delete cascade,
  title varchar(20) not null,
  receiver varchar(20) not null,
  province_id integer not null,
  city_id integer not null,
  district_id integer not null,
  place varchar(100) not null,
  mobile varchar(16) not null,
  tel varchar(20) not null,
  email varchar(254) not null,
  is_default integer default 0 not null,
  created_at bigint not null,
  updated_at bigint not null,
  deleted_at bigint);

CREATE TABLE denials (id varchar(22) primary key,
  kind varchar(10) not null,
  value varchar(320) not null,
  shown varchar(320) not null,
  reason varchar(500) not null,
  made_by varchar(150) not null,
  created_at bigint not null,
  ends_at bigint, constraint denials_value_key unique (kind, value));

CREATE TABLE device_notices (user_id bigint not null references users (id) on delete cascade,
  device_key varchar(22) not null,
  mark varchar(22) not null,
  last_seen_at bigint not null, constraint device_notices_primary_key primary key (user_id, device_key));

CREATE TABLE disablings (user_id bigint primary key references users (id) on delete cascade,
  reason varchar(500) not null,
  disabled_by varchar(150) not null,
  disabled_at bigint not null,
  ends_at bigint);

CREATE TABLE django_imports (user_id bigint not null primary key references users (id) on delete cascade,
  facts text not null);

CREATE TABLE erased_names (digest varchar(43) not null primary key,
  given_up_at bigint not null);

CREATE TABLE extra_fields (user_id bigint not null primary key references users (id) on delete cascade,
  fields text not null,
  updated_at bigint not null);

CREATE TABLE first_superuser_links (id integer primary key,
  token_digest varchar(43) not null,
  expires_at bigint not null);

CREATE TABLE group_permissions (group_id bigint not null references groups (id) on delete cascade,
  permission_id bigint not null references permissions (id) on delete cascade, constraint group_permissions_pkey primary key (group_id, permission_id)) without rowid;

CREATE TABLE groups (id integer primary key autoincrement,
  name varchar(150) not null, constraint groups_name_unique unique (name));

CREATE TABLE held_names (name_key varchar(254) primary key,
  user_id bigint not null,
  kind varchar(8) not null,
  given_up_at bigint not null) without rowid;

CREATE TABLE hourly_counts (hour integer not null,
  name varchar(80) not null,
  count bigint not null, constraint hourly_counts_key primary key (hour, name));

CREATE TABLE installation (singleton integer not null primary key,
  id varchar(36) not null,
  fingerprint varchar(22) not null,
  created_at bigint not null,
  erased_ids_up_to bigint default 0 not null);

CREATE TABLE invitations (id integer primary key autoincrement,
  token_mac varchar(43) not null,
  email varchar(254),
  group_id bigint references groups (id) on delete cascade,
  maker_id bigint references users (id) on delete cascade,
  max_uses integer not null,
  uses integer default 0 not null,
  created_at bigint not null,
  expires_at bigint not null, constraint invitations_token_unique unique (token_mac));

CREATE TABLE jobs (sequence integer primary key,
  id varchar(100) not null unique,
  name varchar(100) not null,
  payload text not null,
  state varchar(10) default 'waiting' not null,
  attempts integer default 0 not null,
  created_at bigint not null,
  due_at bigint not null,
  deadline_at bigint,
  finished_at bigint,
  last_error text);

CREATE TABLE known_devices (user_id bigint not null references users (id) on delete cascade,
  device_key varchar(22) not null,
  credentials_version integer not null,
  first_seen_at bigint not null,
  last_seen_at bigint not null, constraint known_devices_primary_key primary key (user_id, device_key));

CREATE TABLE kv_entries (entry_key text not null primary key,
  value text not null,
  expires_at bigint not null) without rowid;

CREATE TABLE log_in_refusals (user_id bigint not null references users (id) on delete cascade,
  reason varchar(20) not null,
  network varchar(45) not null,
  refused_at bigint not null,
  times integer not null, constraint log_in_refusals_primary_key primary key (user_id, reason, network));

CREATE TABLE login_names (name_key varchar(254) primary key,
  user_id bigint not null references users (id) on delete cascade) without rowid;

CREATE TABLE lost_factors (id varchar(22) not null primary key,
  user_id bigint not null references users (id) on delete cascade,
  credentials_version integer not null,
  asked_at bigint not null,
  ripe_at bigint not null,
  lapses_at bigint not null,
  known_device integer not null,
  ended_at bigint,
  ended varchar(10),
  cancelled_by varchar(20));

CREATE TABLE mailbox_messages (id integer primary key autoincrement,
  message_id varchar(254) not null unique,
  to_address varchar(254) not null,
  to_key varchar(254) not null,
  subject text not null,
  text text not null,
  html text not null,
  created_at bigint not null,
  channel varchar(5));

CREATE TABLE mails (id integer primary key autoincrement,
  mail_id varchar(40) not null unique,
  to_address varchar(254),
  to_key varchar(254),
  user_id bigint,
  kind varchar(40) not null,
  state varchar(10) not null,
  words varchar(500),
  provider_id varchar(200),
  tries integer default 0 not null,
  created_at bigint not null,
  updated_at bigint not null,
  job_id varchar(100),
  asked_by bigint);

CREATE TABLE number_leaves (id varchar(22) not null primary key,
  user_id bigint not null references users (id) on delete cascade,
  credentials_version integer not null,
  asked_at bigint not null,
  due_at bigint not null,
  ended_at bigint,
  ended varchar(10),
  cancelled_by varchar(20),
  told_at bigint);

CREATE TABLE passkey_handles (user_id bigint not null primary key references users (id) on delete cascade,
  handle varchar(43) not null unique);

CREATE TABLE passkeys (id varchar(22) not null primary key,
  user_id bigint not null references users (id) on delete cascade,
  credential_id varchar(1364) not null unique,
  public_key text not null,
  counter bigint not null,
  transports varchar(100) not null,
  device_type varchar(20) not null,
  backed_up integer not null,
  aaguid varchar(36) not null,
  name varchar(64) not null,
  created_at bigint not null,
  last_used_at bigint);

CREATE TABLE permissions (id integer primary key autoincrement,
  app varchar(100) not null,
  model varchar(100) default '' not null,
  codename varchar(100) not null,
  name varchar(255) not null, constraint permissions_unique unique (app, codename, model));

CREATE TABLE recovery_codes (user_id bigint not null primary key references users (id) on delete cascade,
  sealed varchar(200) not null,
  used integer default 0 not null,
  created_at bigint not null);

CREATE TABLE remembered_devices (id varchar(22) not null primary key,
  user_id bigint not null references users (id) on delete cascade,
  secret_hash varchar(43) not null,
  credentials_version integer not null,
  browser varchar(100) not null,
  network varchar(45) not null,
  created_at bigint not null,
  last_used_at bigint not null);

CREATE TABLE schema_migrations (name text primary key,
  applied_at bigint not null,
  oldest_program integer);

CREATE TABLE service_secrets (secret_mac varchar(43) not null primary key,
  service_id bigint not null references services (id) on delete cascade,
  created_at bigint not null,
  ends_at bigint);

CREATE TABLE services (id integer primary key autoincrement,
  name varchar(50) not null,
  scopes text not null,
  networks text not null,
  created_at bigint not null,
  expires_at bigint,
  last_used_at bigint, constraint services_name_unique unique (name));

CREATE TABLE sessions (id varchar(22) not null primary key,
  user_id bigint not null references users (id) on delete cascade,
  credentials_version integer not null,
  way varchar(20) not null,
  provider varchar(32),
  user_agent varchar(256) not null,
  network varchar(64) not null,
  created_at bigint not null,
  last_seen_at bigint not null,
  expires_at bigint not null,
  idle_seconds bigint,
  counter integer default 0 not null,
  rotations varchar(160) default '' not null,
  ended_at bigint,
  ended_by varchar(20),
  proved_at bigint,
  factor varchar(20),
  impersonator_id bigint,
  impersonator_session varchar(22));

CREATE TABLE signing_keys (turn integer not null primary key,
  algorithm varchar(10) not null,
  kid varchar(64) not null,
  sealed text,
  made_at bigint not null,
  signs_from bigint not null,
  token_life bigint not null,
  dropped_at bigint);

CREATE TABLE sqlite_sequence(name,seq);

CREATE TABLE totp_factors (user_id bigint not null primary key references users (id) on delete cascade,
  sealed varchar(200) not null,
  confirmed_at bigint,
  last_step bigint default 0 not null,
  created_at bigint not null);

CREATE TABLE used_codes (code_id varchar(64) primary key,
  expires_at bigint not null) without rowid;

CREATE TABLE user_groups (user_id bigint not null references users (id) on delete cascade,
  group_id bigint not null references groups (id) on delete cascade, constraint user_groups_pkey primary key (user_id, group_id)) without rowid;

CREATE TABLE user_notes (id varchar(22) primary key,
  user_id bigint not null references users (id) on delete cascade,
  author varchar(150) not null,
  text varchar(4000) not null,
  created_at bigint not null);

CREATE TABLE user_permissions (user_id bigint not null references users (id) on delete cascade,
  permission_id bigint not null references permissions (id) on delete cascade, constraint user_permissions_pkey primary key (user_id, permission_id)) without rowid;

CREATE TABLE users (id integer primary key autoincrement,
  username varchar(150) not null,
  email varchar(254),
  mobile varchar(11),
  first_name varchar(150) default '' not null,
  last_name varchar(150) default '' not null,
  password_hash varchar(255) not null,
  password_trimmed integer default 0 not null,
  is_active integer default 1 not null,
  is_staff integer default 0 not null,
  is_superuser integer default 0 not null,
  email_verified integer default 0 not null,
  credentials_version integer default 0 not null,
  credentials_changed_at bigint,
  last_login_at bigint,
  joined_at bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  username_changed_at bigint,
  second_factor_at bigint,
  nickname varchar(50),
  provider_nickname varchar(256),
  provider_avatar varchar(512),
  username_due integer,
  password_reset_at bigint,
  proved_mobile varchar(20),
  second_factor_asked_at bigint,
  deletion_due_at bigint,
  mobile_proved_at bigint,
  avatar varchar(22),
  version bigint default 0 not null,
  erasure_begun_at bigint,
  deletion_asked_at bigint);

CREATE TABLE webhook_deliveries (id integer primary key autoincrement,
  endpoint_id bigint not null references webhook_endpoints (id) on delete cascade,
  message_id varchar(40) not null,
  type varchar(60) not null,
  user_id bigint,
  body text not null,
  state varchar(10) not null,
  attempts integer default 0 not null,
  due_at bigint not null,
  created_at bigint not null,
  finished_at bigint,
  last_status integer,
  last_answer text,
  last_error varchar(300));

CREATE TABLE webhook_endpoints (id integer primary key autoincrement,
  url varchar(2000) not null,
  events text not null,
  state varchar(10) not null,
  sealed text not null,
  sealed_before text,
  before_until bigint,
  created_at bigint not null,
  updated_at bigint not null,
  failing_since bigint,
  paused_until bigint default 0 not null);

CREATE INDEX account_joins_time_index on account_joins (at);

CREATE INDEX account_joins_user_index on account_joins (user_id, at);

CREATE INDEX address_changes_time_index on address_changes (changed_at);

CREATE INDEX audit_entries_actor_index on audit_entries (actor_id, id);

CREATE INDEX audit_entries_kind_index on audit_entries (target_kind, id);

CREATE INDEX audit_entries_runs_index on audit_entries (action, id) where action in ('system.import-django', 'system.export-django', 'system.sync-django', 'user.export', 'user.export-end');

CREATE INDEX audit_entries_target_id_index on audit_entries (target_id, id);

CREATE INDEX audit_links_unsigned_index on audit_links (entry_id) where purge_signature = 'unsigned';

CREATE INDEX avatars_due_index on avatars (due_at) where due_at is not null;

CREATE INDEX avatars_user_index on avatars (user_id);

CREATE INDEX bindings_account_key_index on bindings (account_key);

CREATE INDEX bindings_user_id_index on bindings (user_id);

CREATE INDEX bulk_run_accounts_user_index on bulk_run_accounts (user_id);

CREATE INDEX bulk_runs_actor_index on bulk_runs (actor_id);

CREATE INDEX bulk_runs_time_index on bulk_runs (started_at);

CREATE INDEX data_exports_expiry_index on data_exports (expires_at);

CREATE INDEX data_exports_user_index on data_exports (user_id, asked_at);

CREATE INDEX deleted_accounts_time_index on deleted_accounts (deleted_at);

CREATE INDEX deleted_accounts_unsigned_index on deleted_accounts (user_id) where mac is null;

CREATE INDEX deletion_holds_end_index on deletion_holds (held_until);

CREATE UNIQUE INDEX delivery_addresses_default_index on delivery_addresses (user_id) where is_default = 1;

CREATE INDEX delivery_addresses_deleted_index on delivery_addresses (deleted_at) where deleted_at is not null;

CREATE INDEX delivery_addresses_user_index on delivery_addresses (user_id, updated_at desc, id desc);

CREATE INDEX denials_end_index on denials (ends_at);

CREATE INDEX device_notices_last_seen_index on device_notices (last_seen_at);

CREATE INDEX disablings_end_index on disablings (ends_at);

CREATE INDEX erased_names_time_index on erased_names (given_up_at);

CREATE INDEX group_permissions_permission_id_index on group_permissions (permission_id);

CREATE INDEX held_names_given_up_at_index on held_names (given_up_at);

CREATE INDEX held_names_user_id_index on held_names (user_id);

CREATE INDEX invitations_email_index on invitations (email);

CREATE INDEX invitations_expires_at_index on invitations (expires_at);

CREATE INDEX invitations_folded_email_index on invitations (lower(email));

CREATE INDEX invitations_group_id_index on invitations (group_id);

CREATE INDEX invitations_maker_id_index on invitations (maker_id);

CREATE INDEX jobs_due_index on jobs (due_at, sequence) where state in ('waiting', 'running');

CREATE INDEX jobs_finished_index on jobs (state, finished_at) where state in ('done', 'dead');

CREATE INDEX known_devices_last_seen_index on known_devices (last_seen_at);

CREATE INDEX kv_entries_expires_at_index on kv_entries (expires_at);

CREATE INDEX log_in_refusals_throttled_index on log_in_refusals (refused_at) where reason = 'throttled';

CREATE INDEX log_in_refusals_time_index on log_in_refusals (refused_at);

CREATE INDEX login_names_user_id_index on login_names (user_id);

CREATE UNIQUE INDEX lost_factors_open_index on lost_factors (user_id) where ended_at is null;

CREATE INDEX lost_factors_time_index on lost_factors (asked_at);

CREATE INDEX lost_factors_user_index on lost_factors (user_id, asked_at);

CREATE INDEX mailbox_messages_to_key_index on mailbox_messages (to_key, id);

CREATE INDEX mails_asked_by_index on mails (asked_by) where asked_by is not null;

CREATE INDEX mails_created_at_index on mails (created_at);

CREATE INDEX mails_provider_id_index on mails (provider_id);

CREATE INDEX mails_to_key_index on mails (to_key);

CREATE INDEX mails_trouble_index on mails (state, id) where state in ('refused', 'bounced', 'complained');

CREATE INDEX mails_user_id_index on mails (user_id);

CREATE INDEX number_leaves_due_order_index on number_leaves (due_at, id) where ended_at is null;

CREATE UNIQUE INDEX number_leaves_open_index on number_leaves (user_id) where ended_at is null;

CREATE INDEX number_leaves_time_index on number_leaves (asked_at);

CREATE INDEX number_leaves_user_index on number_leaves (user_id, asked_at);

CREATE INDEX passkeys_user_id_index on passkeys (user_id);

CREATE INDEX remembered_devices_created_index on remembered_devices (created_at);

CREATE INDEX remembered_devices_hash_index on remembered_devices (secret_hash);

CREATE UNIQUE INDEX remembered_devices_secret_index on remembered_devices (user_id, secret_hash);

CREATE INDEX service_secrets_ends_at_index on service_secrets (ends_at);

CREATE INDEX service_secrets_service_id_index on service_secrets (service_id);

CREATE INDEX services_expires_at_index on services (expires_at);

CREATE INDEX sessions_expiry_index on sessions (expires_at);

CREATE INDEX sessions_impersonator_index on sessions (impersonator_id) where impersonator_id is not null;

CREATE INDEX sessions_user_index on sessions (user_id, expires_at);

CREATE INDEX used_codes_expires_at_index on used_codes (expires_at);

CREATE INDEX user_groups_group_id_index on user_groups (group_id);

CREATE INDEX user_notes_time_index on user_notes (created_at);

CREATE INDEX user_notes_user_index on user_notes (user_id);

CREATE INDEX user_permissions_permission_id_index on user_permissions (permission_id);

CREATE INDEX users_deletion_index on users (deletion_due_at) where deletion_due_at is not null;

CREATE INDEX users_disabled_index on users (id) where is_active = 0;

CREATE INDEX users_email_index on users (email);

CREATE INDEX users_second_factor_index on users (id) where second_factor_at is not null;

CREATE INDEX users_staff_index on users (id) where is_staff = 1;

CREATE INDEX users_superuser_index on users (id) where is_superuser = 1;

CREATE INDEX webhook_deliveries_due_index on webhook_deliveries (endpoint_id, due_at) where state in ('waiting', 'sending');

CREATE INDEX webhook_deliveries_endpoint_index on webhook_deliveries (endpoint_id, id);

CREATE INDEX webhook_deliveries_time_index on webhook_deliveries (created_at);

CREATE INDEX webhook_deliveries_user_index on webhook_deliveries (user_id);
