import { ago, type Filled, filled, random, text } from "./tables.ts";

/** The same rows, later: what of each table has had its time, which every round of the maintenance finds anew. */
export const worn: readonly Filled[] = [
  {
    table: "sessions",
    row: {
      ...{ id: random("old-"), user_id: "1 + (n * 7919) % {rows}", credentials_version: "0" },
      ...{ way: text("password"), user_agent: text(""), network: text(""), created_at: ago(80) },
      ...{ last_seen_at: ago(80), expires_at: ago(40) },
    },
  },
  { table: "kv_entries", row: { entry_key: random("old-"), value: text("1"), expires_at: ago(40) } },
  { table: "used_codes", row: { code_id: random("old-"), expires_at: ago(40) } },
  old("known_devices", { last_seen_at: ago(400), device_key: random("old-") }),
  old("remembered_devices", {
    ...{ id: random("old-"), secret_hash: random("old-"), created_at: ago(400), last_used_at: ago(400) },
  }),
  old("jobs", {
    ...{ id: random("old-"), state: text("done"), due_at: "0", created_at: ago(40), finished_at: ago(40) },
  }),
  old("mails", { mail_id: random("old-"), created_at: ago(400), updated_at: ago(400) }),
  old("webhook_deliveries", {
    ...{ endpoint_id: "2", message_id: random("old-"), created_at: ago(60), finished_at: ago(60) },
  }),
  old("invitations", { token_mac: random("old-"), expires_at: ago(400) }),
  old("log_in_refusals", { network: random("old"), refused_at: ago(400) }),
  old("device_notices", { device_key: random("old-"), last_seen_at: ago(400) }),
  old("address_changes", { field: text("mobile"), changed_at: ago(400) }),
  old("lost_factors", { id: random("old-"), asked_at: ago(400) }),
  old("number_leaves", { id: random("old-"), asked_at: ago(400) }),
  old("deleted_accounts", { user_id: "n + 30000000", deleted_at: ago(4000) }),
  old("account_joins", { joined_id: "n + 40000000", at: ago(4000) }),
  old("erased_names", { digest: random("old-"), given_up_at: ago(4000) }),
  old("held_names", { name_key: random("old-"), given_up_at: ago(4000) }),
  old("delivery_addresses", { deleted_at: ago(400) }),
  {
    table: "audit_entries",
    row: {
      ...filled.find(({ table }) => table === "audit_entries")!.row,
      // Of accounts that are gone for long, which the purge of the log takes.
      ...{ target_kind: text("user"), target_id: "n + 30000000", at: ago(4000) },
    },
  },
];

function old(table: string, changed: Filled["row"]): Filled {
  const { row } = filled.find((one) => one.table === table)!;
  return { table, row: { ...row, ...changed } };
}
