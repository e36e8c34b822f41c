import type { BindingsTable } from "../database/tables.ts";
import type { Row } from "./django-reader.ts";
import { parseTime } from "./django-rows.ts";
import type { FindingKind } from "./import-report.ts";

/** The tutorial's numbers of providers, and ours after them; see oauth/providers.ts. */
export const providerOfLoginType: Readonly<Record<string, string>> = {
  "1": "qq",
  "2": "weibo",
  "3": "github",
  "4": "wechat",
};

export const loginTypeOfProvider: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(providerOfLoginType).map(([number, provider]) => [provider, number]),
);

export interface ReadBinding {
  readonly id: number;
  readonly userId: number;
  readonly provider: string;
  readonly openid: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** As it stands in our table. */
export function bindingRow(binding: ReadBinding): BindingsTable {
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

/** A row of the original's `tb_oauth_user`, or why it can't be one of ours. */
export function readBinding(row: Row): ReadBinding | FindingKind {
  const loginType = row.loginType == null ? "1" : String(row.loginType);
  const provider = providerOfLoginType[loginType];
  const openid = row.openid == null ? "" : String(row.openid);
  if (provider === undefined) return "unknown_provider";
  if (openid === "" || openid.length > 128 || openid.includes("\0")) return "broken_binding";
  return {
    id: Number(row.id),
    userId: Number(row.user_id),
    provider,
    openid,
    createdAt: parseTime(row.create_time) ?? 0,
  };
}
