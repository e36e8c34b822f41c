import type { BindingRow } from "../../engines/database/tables.ts";
import { type BindingTable, providerOfName } from "./binding-tables.ts";
import type { Row } from "./django-reader.ts";
import { parseTime } from "./django-rows.ts";
import type { FindingKind } from "./import-report.ts";

/** The tutorial's numbers of providers, and ours after them; see identities/providers/definition.ts. */
const providerOfLoginType: Readonly<Record<string, string>> = {
  "1": "qq",
  "2": "weibo",
  "3": "github",
  "4": "wechat",
};

export const loginTypeOfProvider: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(providerOfLoginType).map(([number, provider]) => [provider, number]),
);

export interface ReadBinding {
  readonly table: string;
  readonly id: number;
  readonly userId: number;
  readonly provider: string;
  readonly openid: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** As it is in our table. */
export function bindingRow(binding: ReadBinding): BindingRow {
  return {
    provider: binding.provider,
    account_key: binding.openid,
    user_id: binding.userId,
    is_alias: 0,
    nickname: null,
    avatar: null,
    created_at: binding.createdAt,
    last_login_at: null,
  };
}

/** A row of a table of bindings, or why it can't be one of ours. */
export function readBinding(row: Row, source: BindingTable): ReadBinding | FindingKind {
  const provider = source.providerColumn === null ? source.provider : providerOfValue(row.provider, source);
  const given = row.openid == null ? "" : String(row.openid).trim();
  const openid = source.prefix + given;
  if (provider === null) return "unknown_provider";
  if (given === "" || openid.length > 128 || openid.includes("\0")) return "broken_binding";
  // Ours are `unionid:…` and `<appid>:…`; a bare one would never be found by a log-in.
  if (provider === "wechat" && !/^[\w-]+:./.test(openid)) return "bare_wechat";
  return {
    table: source.table,
    id: Number(row.id),
    userId: Number(row.user_id),
    provider,
    openid,
    createdAt: parseTime(row.create_time) ?? 0,
  };
}

/** An empty one means QQ where the table has the original's column, whose default that was. */
function providerOfValue(value: unknown, { providerColumn }: BindingTable): string | null {
  if (value == null) return providerColumn === "provider" ? null : "qq";
  const text = String(value).toLowerCase();
  return providerOfLoginType[text] ?? providerOfName[text] ?? null;
}
