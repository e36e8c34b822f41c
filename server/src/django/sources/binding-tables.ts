import { SourceError } from "./django-reader.ts";

/**
 * Which tables of a Django database hold third-party bindings: the tutorial's (`tb_oauth_user` with its loginType), the
 * classic course's (`tb_oauth_qq`, `tb_oauth_sina`), django-allauth's, social-auth's, and whatever looks like them. The
 * provider is in a column, or in the table's name; where neither says it, the operator has to: a binding read under
 * another provider's name would let a stranger in.
 */
export interface BindingTable {
  readonly table: string;
  readonly identity: string;
  /** Whose values name the provider: the original's numbers, or names. */
  readonly providerColumn: string | null;
  /** Where no column says it. */
  readonly provider: string | null;
  /** WeChat's identities say nothing by themselves: `<appid>:` or `unionid:` stands before them here. */
  readonly prefix: string;
  readonly madeAt: string | null;
}

export interface FoundBindingTables {
  readonly bindings: readonly BindingTable[];
  /** Tables that look like bindings of a provider that can't be told, or say nothing about who it is there. */
  readonly unsure: readonly string[];
}

/** What a binding's columns are called, in a table and in a dump: who it is there, at which provider, since when. */
export const bindingColumns = {
  identities: ["openid", "open_id", "uid"],
  providers: ["loginType", "login_type", "provider"],
  times: ["create_time", "created", "created_at", "date_joined"],
} as const;
const { identities, providers: providerColumns, times } = bindingColumns;

/** By its name in a column, whatever Django package wrote it. */
export const providerOfName: Readonly<Record<string, string>> = {
  qq: "qq",
  weibo: "weibo",
  sina: "weibo",
  github: "github",
  wechat: "wechat",
  weixin: "wechat",
};

/**
 * A provider's name and an openid alone make no binding: `tb_qq_payment` holds who paid and `github_star` who is followed,
 * and read as bindings they would let those people in. Such a table waits for the operator's word.
 */
const namedAsBinding = /o?auth|social|bind|log_?in|third/i;
/** Whatever it is called, and whichever column says whose it is: nothing of it is left out without a finding. */
const identityLike = /(open|union)_?id$/i;

/** `chosen`: what the operator says of tables, as `<table>=<provider>` or `<table>=wechat:<appid>`. */
export function findBindingTables(
  tables: ReadonlyMap<string, ReadonlySet<string>>,
  chosen: readonly string[],
): FoundBindingTables {
  const said = new Map(chosen.map((one) => readChoice(one, tables)));
  const bindings: BindingTable[] = [];
  const unsure: string[] = [];
  for (const table of [...tables.keys()].sort()) {
    const columns = tables.get(table)!;
    const choice = said.get(table);
    const hasOwner = columns.has("id") && columns.has("user_id");
    const identity = identities.find((column) => columns.has(column));
    const providerColumn = providerColumns.find((column) => columns.has(column)) ?? null;
    const provider = choice?.provider ?? providerOfTable(table);
    const isKnown = provider !== null || providerColumn !== null;
    const isNamed = choice !== undefined || namedAsBinding.test(table);
    if (hasOwner && identity !== undefined && isKnown && isNamed) {
      const madeAt = times.find((column) => columns.has(column)) ?? null;
      const column = choice === undefined ? providerColumn : null;
      bindings.push({
        table,
        identity,
        providerColumn: column,
        provider,
        prefix: choice?.prefix ?? "",
        madeAt,
      });
    } else if ([...columns].some((column) => identityLike.test(column))) unsure.push(table);
    else if (hasOwner && identity === undefined && /oauth|social/i.test(table)) unsure.push(table);
  }
  return { bindings, unsure };
}

/** `tb_oauth_qq`, `oauth_oauthsinauser`. */
export function providerOfTable(table: string): string | null {
  const found = Object.keys(providerOfName).filter((name) => table.toLowerCase().includes(name));
  const providers = new Set(found.map((name) => providerOfName[name]!));
  return providers.size === 1 ? [...providers][0]! : null;
}

function readChoice(
  text: string,
  tables: ReadonlyMap<string, ReadonlySet<string>>,
): readonly [string, { readonly provider: string; readonly prefix: string }] {
  const [, table = "", name = "", of] = /^(.+)=([a-z]+)(?::([\w-]+))?$/.exec(text) ?? [];
  const provider = providerOfName[name];
  if (provider === undefined || (of !== undefined && provider !== "wechat")) {
    const names = Object.keys(providerOfName).join(", ");
    throw new SourceError(
      `--bindings 的形式是 <表>=<第三方>，第三方是 ${names} 之一；微信写 <表>=wechat:<appid>，unionid 写 wechat:unionid。`,
      `--bindings is <table>=<provider>, one of ${names}; of WeChat <table>=wechat:<appid>, or wechat:unionid.`,
    );
  }
  const columns = tables.get(table);
  if (!columns || !identities.some((column) => columns.has(column)) || !columns.has("user_id")) {
    throw new SourceError(
      `没有绑定表 ${table}（须有 id、user_id 和 openid 列）。`,
      `There is no table of bindings ${table} (with the columns id, user_id and openid).`,
    );
  }
  return [table, { provider, prefix: of === undefined ? "" : `${of}:` }];
}
