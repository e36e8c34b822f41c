-- Generated from server/migrations by `npm run generate` (the SQLite rendering).

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
  request_id varchar(64));

CREATE TABLE bindings (provider varchar(32) not null,
  account_key varchar(512) not null,
  user_id bigint not null references users (id) on delete cascade,
  is_alias integer default 0 not null,
  nickname varchar(256),
  avatar varchar(512),
  created_at bigint not null,
  last_login_at bigint, constraint bindings_primary_key primary key (provider, account_key));

CREATE TABLE django_imports (user_id bigint not null primary key references users (id) on delete cascade,
  facts text not null);

CREATE TABLE group_permissions (group_id bigint not null references groups (id) on delete cascade,
  permission_id bigint not null references permissions (id) on delete cascade, constraint group_permissions_pkey primary key (group_id, permission_id)) without rowid;

CREATE TABLE groups (id integer primary key autoincrement,
  name varchar(150) not null, constraint groups_name_unique unique (name));

CREATE TABLE installation (singleton integer not null primary key,
  id varchar(36) not null,
  fingerprint varchar(22) not null,
  created_at bigint not null);

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

CREATE TABLE login_names (name_key varchar(254) primary key,
  user_id bigint not null references users (id) on delete cascade) without rowid;

CREATE TABLE mailbox_messages (id integer primary key autoincrement,
  message_id varchar(254) not null unique,
  to_address varchar(254) not null,
  to_key varchar(254) not null,
  subject text not null,
  text text not null,
  html text not null,
  created_at bigint not null);

CREATE TABLE permissions (id integer primary key autoincrement,
  app varchar(100) not null,
  model varchar(100) default '' not null,
  codename varchar(100) not null,
  name varchar(255) not null, constraint permissions_unique unique (app, codename, model));

CREATE TABLE schema_migrations (name text primary key,
  applied_at bigint not null,
  oldest_program integer);

CREATE TABLE sqlite_sequence(name,seq);

CREATE TABLE used_codes (code_id varchar(64) primary key,
  expires_at bigint not null) without rowid;

CREATE TABLE user_groups (user_id bigint not null references users (id) on delete cascade,
  group_id bigint not null references groups (id) on delete cascade, constraint user_groups_pkey primary key (user_id, group_id)) without rowid;

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
  updated_at bigint not null);

CREATE INDEX audit_entries_actor_index on audit_entries (actor_id, id);

CREATE INDEX audit_entries_target_index on audit_entries (target_kind, target_id, id);

CREATE INDEX bindings_user_id_index on bindings (user_id);

CREATE INDEX group_permissions_permission_id_index on group_permissions (permission_id);

CREATE INDEX jobs_due_index on jobs (due_at, sequence) where state in ('waiting', 'running');

CREATE INDEX jobs_finished_index on jobs (state, finished_at) where state in ('done', 'dead');

CREATE INDEX known_devices_last_seen_index on known_devices (last_seen_at);

CREATE INDEX kv_entries_expires_at_index on kv_entries (expires_at);

CREATE INDEX login_names_user_id_index on login_names (user_id);

CREATE INDEX mailbox_messages_to_key_index on mailbox_messages (to_key, id);

CREATE INDEX used_codes_expires_at_index on used_codes (expires_at);

CREATE INDEX user_groups_group_id_index on user_groups (group_id);

CREATE INDEX user_permissions_permission_id_index on user_permissions (permission_id);

CREATE INDEX users_email_index on users (email);
