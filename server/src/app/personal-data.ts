import type { Tables } from "../engines/database/tables.ts";
import { auditRows } from "../rights/audit-rows.ts";
import { ownRows, type PersonalTable, withheld } from "../rights/personal-table.ts";

/**
 * What each room keeps of a person, and so what the owner's export shows and an erasure clears. Every table is here or in
 * `impersonal`, every column of a table that is here is named: a new one fails the build until somebody said what becomes of it
 * (guard: personal-data.test.ts). docs/retention.md says the same to operators.
 */
const secret = withheld("secret");
const internal = withheld("internal");
const repeated = withheld("repeated");
const others = withheld("others");

/** Codes that go out whoever has the address or the number. */
const wantedKinds = ["changeEmail", "bindAccount", "sms_changeMobile"];

type Columns = PersonalTable["columns"];

/** A table whose rows are the account's own and go with it. */
function own(table: keyof Tables, columns: Columns): PersonalTable {
  // The first time that a row has is when it came.
  const [newest] = Object.entries(columns).find(([, how]) => how === "time") ?? [];
  const rows = ownRows(table, "user_id", newest);
  return { table, columns: { user_id: internal, ...columns }, rows, erasure: "cascade" };
}

export const personalTables: readonly PersonalTable[] = [
  {
    table: "users",
    columns: {
      ...{ id: "count", username: "text", email: "text", mobile: "text", proved_mobile: "text" },
      mobile_proved_at: "time",
      ...{ first_name: "text", last_name: "text", nickname: "text", provider_nickname: "text" },
      ...{ provider_avatar: "text", avatar: internal, password_hash: secret, password_trimmed: secret },
      ...{ is_active: "flag", is_staff: "flag", is_superuser: "flag", email_verified: "flag" },
      ...{
        username_due: "flag",
        deletion_due_at: "time",
        deletion_asked_at: "time",
        erasure_begun_at: "time",
        username_changed_at: "time",
        second_factor_at: "time",
      },
      ...{ second_factor_asked_at: "time", credentials_version: secret, credentials_changed_at: "time" },
      ...{ password_reset_at: "time", last_login_at: "time", joined_at: "time", created_at: "time" },
      ...{ version: internal, updated_at: "time" },
    },
    rows: ownRows("users", "id"),
    erasure: "erased",
  },
  own("login_names", { name_key: "text" }),
  {
    // A row outlives its account, without it, until the store has given the picture up.
    ...own("avatars", { name: internal, store: internal, created_at: "time", due_at: internal }),
    erasure: "erased",
  },
  {
    table: "held_names",
    columns: { name_key: "text", user_id: internal, kind: "text", given_up_at: "time" },
    rows: ownRows("held_names", "user_id", "given_up_at"),
    erasure: "erased",
  },
  own("address_changes", {
    ...{ field: "text", changed_at: "time", value_before: "text", verified_before: "flag" },
  }),
  own("delivery_addresses", {
    ...{ id: internal, title: "text", receiver: "text", province_id: "count", city_id: "count" },
    ...{ district_id: "count", place: "text", mobile: "text", tel: "text", email: "text" },
    ...{ is_default: "flag", created_at: "time", updated_at: "time", deleted_at: "time" },
  }),
  own("extra_fields", { fields: "json", updated_at: "time" }),
  own("consents", { document: "text", version: "text", agreed_at: "time" }),
  own("consent_choices", { purpose: "text", version: "text", given: "flag", chosen_at: "time" }),
  own("age_declarations", { declared: "text", guardian_contact: "text", declared_at: "time" }),
  own("bindings", {
    ...{ provider: "text", account_key: "text", is_alias: "flag", nickname: "text", avatar: "text" },
    ...{ created_at: "time", last_login_at: "time", unproved: "flag" },
    ...{ sealed_grant: secret, moved_at: "time" },
  }),
  own("account_joins", { joined_id: "count", at: "time", joined_by: "text" }),
  own("sessions", {
    // Names a live log-in; its tokens have it in them.
    id: secret,
    ...{ credentials_version: secret, way: "text", provider: "text", user_agent: "text", network: "text" },
    ...{ created_at: "time", last_seen_at: "time", expires_at: "time", idle_seconds: "count" },
    ...{ counter: secret, rotations: internal, ended_at: "time", ended_by: "text" },
    ...{ proved_at: "time", factor: "text", impersonator_id: others, impersonator_session: secret },
  }),
  own("known_devices", {
    ...{ device_key: secret, credentials_version: secret, first_seen_at: "time", last_seen_at: "time" },
  }),
  own("device_notices", { device_key: secret, mark: internal, last_seen_at: "time" }),
  own("remembered_devices", {
    ...{ id: internal, secret_hash: secret, credentials_version: secret, browser: "text", network: "text" },
    ...{ created_at: "time", last_used_at: "time" },
  }),
  own("disablings", { reason: "text", disabled_by: others, disabled_at: "time", ends_at: "time" }),
  own("user_notes", { id: internal, author: others, text: "text", created_at: "time" }),
  own("bulk_run_accounts", { run_id: internal, outcome: "text" }),
  own("log_in_refusals", { reason: "text", network: "text", refused_at: "time", times: "count" }),
  own("totp_factors", { sealed: secret, confirmed_at: "time", last_step: secret, created_at: "time" }),
  own("recovery_codes", { sealed: secret, used: secret, created_at: "time" }),
  own("passkeys", {
    ...{ id: internal, credential_id: secret, public_key: secret, counter: secret, transports: "text" },
    ...{ device_type: "text", backed_up: "flag", aaguid: "text", name: "text" },
    ...{ created_at: "time", last_used_at: "time" },
  }),
  own("passkey_handles", { handle: "text" }),
  own("lost_factors", {
    ...{ id: secret, credentials_version: secret, asked_at: "time", ripe_at: "time", lapses_at: "time" },
    ...{ known_device: "flag", ended_at: "time", ended: "text", cancelled_by: "text" },
  }),
  own("number_leaves", {
    ...{ id: secret, credentials_version: secret, asked_at: "time", due_at: "time", told_at: "time" },
    ...{ ended_at: "time", ended: "text", cancelled_by: "text" },
  }),
  {
    ...own("user_groups", { group_id: internal, name: "text" }),
    rows: (db, { id }) =>
      db.kysely
        .selectFrom("user_groups")
        .innerJoin("groups", "groups.id", "user_groups.group_id")
        .select(["user_id", "group_id", "groups.name"])
        .where("user_id", "=", id)
        .execute(),
  },
  {
    ...own("user_permissions", { permission_id: internal, app: "text", codename: "text" }),
    rows: (db, { id }) =>
      db.kysely
        .selectFrom("user_permissions")
        .innerJoin("permissions", "permissions.id", "user_permissions.permission_id")
        .select(["user_id", "permission_id", "permissions.app", "permissions.codename"])
        .where("user_id", "=", id)
        .execute(),
  },
  own("deletion_holds", { service: "text", reason: "text", held_at: "time", held_until: "time" }),
  own("data_exports", {
    ...{ id: internal, language: "text", asked_at: "time", ready_at: "time", expires_at: "time" },
    ...{ bytes: "count", sealed: repeated },
  }),
  own("django_imports", { facts: secret }),
  {
    table: "invitations",
    columns: {
      ...{ id: "count", token_mac: secret, email: others, group_id: internal, maker_id: internal },
      ...{ max_uses: "count", uses: "count", created_at: "time", expires_at: "time" },
    },
    // By id, along the index of the maker: in the order of the time all of them would be sorted.
    rows: ownRows("invitations", "maker_id", "id"),
    erasure: "erased",
  },
  {
    table: "bulk_runs",
    columns: {
      ...{ id: internal, actor_id: internal, actor: internal, action: "text", reason: others },
      ...{ group_id: internal, total: "count", started_at: "time", finished_at: "time" },
    },
    rows: ownRows("bulk_runs", "actor_id", "started_at"),
    erasure: "pseudonymised",
  },
  {
    table: "mails",
    columns: {
      ...{ id: internal, mail_id: internal, to_address: "text", to_key: repeated, user_id: internal },
      ...{ asked_by: internal, job_id: internal, kind: "text", state: "text", words: "text" },
      ...{ provider_id: internal },
      ...{ tries: "count", created_at: "time", updated_at: "time" },
    },
    rows: (db, { id, nameKeys, number }) =>
      db.kysely
        .selectFrom("mails")
        .selectAll()
        .where((row) => {
          const toName = row("to_key", "in", [...nameKeys, ""]);
          const toNumber = row.and([
            row("to_key", "in", [...(number?.keys ?? []), ""]),
            row("created_at", ">=", number?.since ?? 0),
          ]);
          // Those of another account that had the name before are that one's.
          const isNobodys = row.and([row("user_id", "is", null), row.or([toName, toNumber])]);
          // What was wanted and not confirmed. Of others the kind and the state tell whether somebody has the address.
          const isWanted = row.and([row("asked_by", "=", id), row("kind", "in", wantedKinds)]);
          return row.or([row("user_id", "=", id), isNobodys, isWanted]);
        })
        .execute()
        // Not by the database, which would go through the whole table for it.
        .then((rows) => rows.toSorted((one, other) => one.id - other.id)),
    erasure: "erased",
  },
  {
    // Ids alone, so that whoever was told of an account can be told that it is gone.
    table: "webhook_deliveries",
    columns: {
      ...{ id: internal, endpoint_id: internal, message_id: internal, type: "text", user_id: internal },
      ...{ body: internal, state: "text", attempts: "count", due_at: internal, created_at: "time" },
      ...{ finished_at: "time", last_status: internal, last_answer: internal, last_error: internal },
    },
    rows: ownRows("webhook_deliveries", "user_id", "created_at"),
    erasure: "pseudonymised",
  },
  {
    table: "audit_entries",
    columns: {
      ...{ id: internal, at: "time", actor_id: internal, actor: "text", action: "text" },
      ...{ target_kind: "text", target_id: internal, target: "text", before: "json", after: "json" },
      ...{ request_id: internal, on_behalf_of: internal },
    },
    rows: auditRows,
    erasure: "pseudonymised",
  },
];

/** Why a table is nobody's, or is not read person by person. */
export const impersonal: Readonly<Partial<Record<keyof Tables, string>>> = {
  erased_names: "keyed digests of names that nobody has any more",
  deleted_accounts: "ids without anybody",
  denials: "networks and domains that staff refuse, and addresses as keyed digests with a masked form",
  first_superuser_links: "a digest of a link, of nobody",
  hourly_counts: "how often what happened in an hour, of nobody in particular",
  avatar_files: "the files of `avatars`, which go with its rows; an export has the person's as a file",
  jobs: "work in hand: what names the person is removed by an erasure, and all of it goes within days",
  kv_entries: "an hour or a day at most, under keyed digests that lead to nobody",
  mailbox_messages: "development only; an erasure removes the person's",
  used_codes: "ids of codes, without an account",
  installation: "one row about the installation",
  schema_migrations: "the schema's own",
  signing_keys: "the installation's",
  audit_marks:
    "how far the audit log was written elsewhere, linked and looked through, and which operator began the chain anew",
  audit_links: "digests of entries; what was a person's is under their key in audit_keys",
  audit_keys: "random keys of those digests; an erasure removes the person's",
  services: "other programs",
  webhook_endpoints: "other programs'",
  service_secrets: "other programs'",
  groups: "what may be granted, without who has it",
  group_permissions: "what a group may",
  permissions: "what may be granted",
};
