/**
 * What stands in each table that grows, as a long life of the product leaves it: row `n` of as many as there are accounts.
 * `{now}` is the time of the filling, `{rows}` how many there are.
 */
export interface Filled {
  readonly table: string;
  /** By column, an expression of `n`. */
  readonly row: Readonly<Record<string, string>>;
  /** Of which part there is a row: 1 in so many. */
  readonly oneIn?: number;
}

/** A text of its own for each number, at no place in particular among the others, as random ids are. */
export const random = (prefix: string) => `'${prefix}' || ((n * 2654435761) % 4294967296)`;
export const text = (value: string) => `'${value}'`;
const day = 86_400_000;
export const ago = (days: number) => `{now} - ${days * day}`;
const ahead = (days: number) => `{now} + ${days * day}`;

const queues: readonly Filled[] = [
  {
    table: "jobs",
    row: {
      ...{ id: random("job-"), name: text("verification-mail") },
      payload: `'{"codeId":"x","email":"someone' || n || '@example.com","purpose":"register"}'`,
      // A mail server that was away for long: a quarter waits.
      state: "case when n <= 9000 then 'dead' when n % 4 = 0 then 'waiting' else 'done' end",
      // They end one after another.
      ...{ attempts: "1", created_at: "{now}", due_at: ahead(1), finished_at: "{now} - n" },
    },
  },
  {
    table: "webhook_deliveries",
    row: {
      // The last of them has everything, so that its removal takes as much with it.
      ...{ endpoint_id: "1", message_id: random("msg_"), type: text("user.updated"), user_id: "n" },
      body: `'{"type":"user.updated","data":{"id":' || n || '}}'`,
      state: "case n % 3 when 0 then 'failed' else 'delivered' end",
      ...{ attempts: "1", due_at: "0", created_at: "{now} - n", finished_at: "{now} - n" },
    },
  },
  {
    table: "mails",
    row: {
      ...{ mail_id: random("mail-"), to_address: "'someone' || n || '@example.com'" },
      ...{ to_key: "'someone' || n || '@example.com'", user_id: "n", kind: text("register") },
      state: "case n when 5 then 'bounced' else 'accepted' end",
      ...{ words: text("250 ok"), created_at: "{now}", updated_at: "{now}" },
    },
  },
];

const log: readonly Filled[] = [
  {
    table: "audit_entries",
    row: {
      ...{ at: "{now} - n", actor_id: "n % 997", actor: text("staff"), action: text("user.change") },
      target_kind: "case when n = 1 then 'system' when n % 5 = 0 then 'invitation' else 'user' end",
      ...{ target_id: "n", target: text("somebody"), before: text('{"first_name":"a"}') },
      ...{ after: text('{"first_name":"b"}'), request_id: text("r-1") },
    },
  },
  {
    table: "audit_links",
    row: { entry_id: "n", entry_hash: random("entry-"), hash: random("link-") },
  },
  { table: "audit_keys", row: { subject: "'user:' || n", mac_key: random("") } },
];

const ofPeople: readonly Filled[] = [
  {
    table: "bindings",
    row: {
      ...{ provider: "case n % 3 when 0 then 'qq' else 'weixin' end", account_key: random("openid-") },
      ...{ user_id: "n", created_at: "{now}", nickname: text("n") },
    },
  },
  {
    table: "known_devices",
    row: {
      ...{ user_id: "n", device_key: random("device-"), credentials_version: "0" },
      ...{ first_seen_at: "{now}", last_seen_at: "{now}" },
    },
  },
  {
    table: "remembered_devices",
    row: {
      ...{ id: random("device-"), user_id: "n", secret_hash: random("secret-"), credentials_version: "0" },
      ...{ browser: text("Chrome"), network: text(""), created_at: "{now}", last_used_at: "{now}" },
    },
  },
  {
    table: "passkeys",
    row: {
      ...{ id: random("key-"), user_id: "n", credential_id: random("credential-"), public_key: text("x") },
      ...{ counter: "0", transports: text(""), device_type: text("multiDevice"), backed_up: "0" },
      ...{ aaguid: text(""), name: text("phone"), created_at: "{now}" },
    },
    oneIn: 10,
  },
  {
    table: "delivery_addresses",
    row: {
      ...{ user_id: "n", title: text("home"), receiver: text("x"), province_id: "110000", city_id: "110100" },
      ...{ district_id: "110101", place: text("1"), mobile: text("13800138000"), tel: text("") },
      ...{ email: text(""), created_at: "{now}", updated_at: "{now}" },
    },
  },
  {
    table: "consents",
    row: { user_id: "n", document: text("terms"), version: text("1"), agreed_at: "{now}" },
  },
  {
    table: "log_in_refusals",
    row: {
      // A quarter for too many tries: each is looked at again where those that are locked are listed.
      reason: "case when n % 4 = 0 then 'throttled' else 'wrong_password' end",
      ...{ user_id: "n", network: text("192.0.2.1"), refused_at: "{now}", times: "1" },
    },
  },
  {
    table: "device_notices",
    row: { user_id: "n", device_key: random("device-"), mark: random("mark-"), last_seen_at: "{now}" },
  },
  {
    table: "address_changes",
    row: {
      ...{ user_id: "n", field: text("email"), changed_at: "{now}", value_before: random("old-") },
      verified_before: "1",
    },
  },
  {
    table: "lost_factors",
    row: {
      ...{ id: random("lost-"), user_id: "n", credentials_version: "0", asked_at: "{now}", ripe_at: "{now}" },
      ...{ lapses_at: "{now}", known_device: "0", ended_at: "{now}", ended: text("expired") },
    },
  },
  {
    table: "number_leaves",
    row: {
      ...{
        id: random("leave-"),
        user_id: "n",
        credentials_version: "0",
        asked_at: "{now}",
        due_at: ahead(1),
      },
      // One in a hundred is under way.
      ...{ ended_at: "case when n % 100 = 1 then null else {now} end" },
      ...{ ended: "case when n % 100 = 1 then null else 'refused' end" },
    },
  },
  {
    table: "totp_factors",
    row: { user_id: "n", sealed: text("x"), confirmed_at: "{now}", created_at: "{now}" },
    oneIn: 10,
  },
  { table: "recovery_codes", row: { user_id: "n", sealed: text("x"), created_at: "{now}" }, oneIn: 10 },
  { table: "passkey_handles", row: { user_id: "n", handle: random("handle-") }, oneIn: 10 },
  { table: "extra_fields", row: { user_id: "n", fields: text('{"city":"x"}'), updated_at: "{now}" } },
  {
    table: "consent_choices",
    row: { user_id: "n", purpose: text("marketing"), chosen_at: "{now}", version: text("1"), given: "1" },
  },
  { table: "age_declarations", row: { user_id: "n", declared: text("adult"), declared_at: "{now}" } },
  { table: "avatars", row: { name: random("face-"), user_id: "n", store: text("s3"), created_at: "{now}" } },
  { table: "django_imports", row: { user_id: "n", facts: text("{}") } },
];

/** What staff wrote and did, and what people ask staff for. */
const ofStaff: readonly Filled[] = [
  {
    table: "user_notes",
    row: {
      ...{ id: random("note-"), user_id: "n", author: text("staff") },
      ...{ text: "'called about order ' || n" },
      // One a minute.
      created_at: "{now} - n * 60000",
    },
  },
  {
    table: "disablings",
    row: {
      ...{ user_id: "n", reason: text("a reason"), disabled_by: text("staff"), disabled_at: "{now}" },
      ends_at: ahead(30),
    },
    oneIn: 50,
  },
  {
    table: "denials",
    row: {
      ...{ id: random("deny-"), kind: text("domain"), value: "'d' || n || '.example.com'" },
      ...{ shown: "'d' || n || '.example.com'", reason: text("a reason"), made_by: text("staff") },
      created_at: "{now}",
    },
    oneIn: 1000,
  },
  {
    table: "bulk_runs",
    row: {
      ...{ id: random("run-"), actor_id: "7", actor: text("staff"), action: text("disable") },
      ...{ reason: text("a reason"), total: "1", started_at: "{now}", finished_at: "{now}" },
    },
    oneIn: 1000,
  },
  {
    table: "data_exports",
    row: {
      ...{ id: random("export-"), user_id: "n", language: text("en"), asked_at: "{now}" },
      ...{ ready_at: "{now}", expires_at: `${ahead(7)} + n`, bytes: "1" },
    },
    oneIn: 100,
  },
  {
    table: "deletion_holds",
    row: {
      ...{ user_id: "n", service: text("orders"), reason: text("an order is open"), held_at: "{now}" },
      held_until: ahead(10),
    },
    oneIn: 100,
  },
];

const ofTheGone: readonly Filled[] = [
  // Over the year for which they are known: one in fifty.
  {
    table: "deleted_accounts",
    row: { user_id: "n + 10000000", deleted_at: "{now} - n * 31536" },
    oneIn: 50,
  },
  {
    table: "account_joins",
    row: { joined_id: "n + 20000000", user_id: "n", at: "{now}", joined_by: text("owner") },
  },
  { table: "erased_names", row: { digest: random("digest-"), given_up_at: "{now}" } },
  {
    table: "held_names",
    row: { name_key: random("held-"), user_id: "n", kind: text("username"), given_up_at: "{now}" },
  },
];

const shortLived: readonly Filled[] = [
  {
    table: "kv_entries",
    row: { entry_key: "'limit:{' || n || '}:codes'", value: text("1"), expires_at: ahead(1) },
  },
  { table: "used_codes", row: { code_id: random("code-"), expires_at: ahead(1) } },
  {
    table: "invitations",
    row: {
      ...{ token_mac: random("mac-"), email: "'guest' || n || '@example.com'", maker_id: "7", max_uses: "1" },
      ...{ created_at: "{now}", expires_at: ahead(7) },
    },
  },
];

export const filled: readonly Filled[] = [
  ...[...queues, ...log, ...ofPeople, ...ofStaff, ...ofTheGone, ...shortLived],
];
