/**
 * What an import found that is not plain, and what it does about it: one finding per row and thing. The kinds
 * are a promise to scripts that read the JSON report; the texts are for people.
 */
export const findingKinds = {
  refused_username: {
    zh: "用户名为空、过长或含空字符（NUL）：不导入",
    en: "user name that is empty, over-long or holds a NUL: not imported",
  },
  refused_id: {
    zh: "编号不是正整数：不导入",
    en: "the id is not a positive integer: not imported",
  },
  changed_in_source: {
    zh: "导入之后在原站点有改动：本系统不改；--update 会更新在此没有动过的账号",
    en: "changed in the source since it was imported: not changed here; --update takes it over where nobody touched it here",
  },
  disabled_in_source: {
    zh: "导入之后在原站点被停用，在此仍可登录：--update 或 manage user deactivate",
    en: "disabled in the source since, and still logs in here: --update, or manage user deactivate",
  },
  demoted_in_source: {
    zh: "导入之后在原站点不再是职员或超级用户，在此仍是：--update 或 manage user unmake-…",
    en: "no staff or superuser in the source any more, and still one here: --update, or manage user unmake-…",
  },
  deleted_in_source: {
    zh: "导入之后在原站点已删除，在此仍有效：绑定和组成员用 --update 删除，账号用 --disable-deleted 停用",
    en: "deleted in the source since, and still good here: --update removes bindings and memberships, --disable-deleted disables accounts",
  },
  disabled_as_deleted: {
    zh: "原站点已删除：在此停用",
    en: "deleted in the source: disabled here",
  },
  updated: {
    zh: "原站点的改动：已更新到本系统",
    en: "changed in the source since it was imported: taken over",
  },
  update_refused: {
    zh: "原站点的改动无法更新到本系统：未改",
    en: "the change of the source can't be taken over: left as it is here",
  },
  added_since: {
    zh: "账号导入之后在原站点新增：补导入",
    en: "new in the source since its account was imported: added",
  },
  withdrawn_here: {
    zh: "账号已在本系统而这一条不在（已撤销）：不再导入",
    en: "the account is here and this is not (it was withdrawn): not imported again",
  },
  owner_refused: {
    zh: "所属账号未导入：不导入",
    en: "its account is not imported: not imported",
  },
  group_differs: {
    zh: "已有的用户组在原站点还有这些权限：不添加，如需要请用 manage group grant",
    en: "a group that is here has more permissions in the source: not added; manage group grant adds them",
  },
  id_taken_here: {
    zh: "该编号在本系统属于另一个账号：不导入",
    en: "the id belongs to another account here: not imported",
  },
  erased_here: {
    zh: "该账号已在本系统注销：不导入，编号不再使用",
    en: "the account was erased here: not imported, its id is never used again",
  },
  maybe_erased_here: {
    zh: "一年前已有编号更大的账号在本系统注销，该账号是否注销过已无记录：不导入；确认未注销过的，请用 manage user create 另建",
    en: "a higher id was erased here over a year ago, and nobody knows any more whether this one was: not imported; if it surely was not, make it anew by manage user create",
  },
  name_erased_here: {
    zh: "登录名不久前属于在本系统注销的账号：保留资料，但不能用它登录",
    en: "the log-in name was an erased account's a while ago: kept as data, but no log-in by it",
  },
  duplicate_email: {
    zh: "多个账号用同一邮箱：都保留，确认之前只能用用户名登录",
    en: "several accounts have this address: kept on all, log-in by user name only until it is confirmed",
  },
  duplicate_mobile: {
    zh: "多个账号用同一手机号：都保留，有人重新提交它之前不能用它登录",
    en: "several accounts have this number: kept on all, no log-in by it until one of them gives it again",
  },
  email_is_a_username: {
    zh: "邮箱是另一个账号的用户名：保留，但只能用用户名登录",
    en: "the address is another account's user name: kept, but log-in by user name only",
  },
  mobile_is_a_username: {
    zh: "手机号是另一个账号的用户名：保留，但不能用它登录",
    en: "the number is another account's user name: kept, but no log-in by it",
  },
  case_only_duplicate: {
    zh: "用户名与更早的账号仅大小写不同：保留，但要用邮箱或手机号登录",
    en: "the user name differs from an older account's by case only: kept, log-in by e-mail or mobile",
  },
  accent_only_duplicate: {
    zh: "与另一账号仅重音不同：在此是两个账号，MySQL 的排序规则视为同一个",
    en: "differs from another account's by accents only: two here, one to MySQL's collation",
  },
  name_taken_here: {
    zh: "登录名在本系统已属于另一账号：保留资料，但不能用它登录",
    en: "the log-in name belongs to an account here: kept as data, but no log-in by it",
  },
  name_too_long: {
    zh: "按不分大小写的形式过长：保留，但不能用它登录",
    en: "too long in the form that makes it unique: kept, but no log-in by it",
  },
  unreachable: {
    zh: "没有剩下可用的登录名：导入后请改名（manage user rename）",
    en: "no log-in name is left: rename it after the import (manage user rename)",
  },
  broken_hash: {
    zh: "密码散列损坏或参数超出上限：保留账号，须重置密码",
    en: "the password hash is broken or past the bounds: the account is kept, its password must be reset",
  },
  hasher_off: {
    zh: "未启用的密码散列算法：在 PASSWORD_HASHERS 中列出后才能登录",
    en: "a hash of an algorithm that is off: works once PASSWORD_HASHERS lists it",
  },
  hasher_unknown: {
    zh: "本系统不验证的密码散列算法（如 crypt）：保留账号，须重置密码",
    en: "a hash of an algorithm that is not verified here (such as crypt): the account is kept, its password must be reset",
  },
  unusable_password: {
    zh: "没有可用密码：须用第三方登录或重置密码",
    en: "no usable password: third-party log-in or a reset",
  },
  disabled_account: {
    zh: "账号已停用：启用之前不能登录",
    en: "a disabled account: no log-in until it is activated",
  },
  empty_mobile: { zh: "手机号为空：存为“无”", en: "empty mobile number: stored as none" },
  field_misfit: {
    zh: "附加字段的值不符合 SIGN_UP_FIELDS 的声明：不导入该字段",
    en: "a value that doesn't fit what SIGN_UP_FIELDS declares: the field is left out",
  },
  field_dropped: { zh: "字段过长：不保存该字段", en: "over-long field: the field is left out" },
  field_cut: {
    zh: "姓名过长或含不可见字符：截短、去掉",
    en: "a name that is over-long or holds characters nobody sees: cut, without them",
  },
  blanks_removed: {
    zh: "首尾有空白，无法输入：去掉空白",
    en: "blanks around it, which nobody could type: taken off",
  },
  country_code_removed: {
    zh: "手机号前有 +86：去掉，本系统只用一种写法",
    en: "+86 in front of a mobile number: taken off, it has one form here",
  },
  deceptive_username: {
    zh: "用户名含不可见字符或混用易混淆的文字，难以输入：保留，请考虑改名（manage user rename）",
    en: "a user name with characters nobody sees or of mixed writings, hard to type: kept; consider manage user rename",
  },
  address_taken_out: {
    zh: "“名字 <地址>”的形式：只保留地址",
    en: "of the form “name <address>”: the address alone is kept",
  },
  not_an_address: { zh: "不是邮箱地址：不保存", en: "no e-mail address: left out" },
  odd_address: {
    zh: "不是本系统能发信的邮箱：保留，可用它登录，但收不到验证码",
    en: "no address that mail can be sent to from here: kept, log-in by it works, codes don't reach it",
  },
  odd_mobile: {
    zh: "不是手机号：保留，可用它登录",
    en: "no mobile number: kept, log-in by it works",
  },
  bad_time: { zh: "时间无法读取：存为空或 1970 年", en: "unreadable time: stored as none or 1970" },
  duplicate_binding: {
    zh: "同一第三方账号绑定多次：保留最早的一条",
    en: "one third-party account bound more than once: the first one is kept",
  },
  binding_taken_here: {
    zh: "第三方账号在本系统已绑定另一账号：不导入该绑定",
    en: "the third-party account is bound to another account here: the binding is not imported",
  },
  unknown_provider: {
    zh: "未知的第三方（loginType 或 provider）：不导入该绑定",
    en: "unknown provider (loginType or provider): the binding is not imported",
  },
  bare_wechat: {
    zh: "微信的 openid 缺少 appid：不导入，请用 --bindings <表>=wechat:<appid>（或 wechat:unionid）",
    en: "a WeChat openid without its appid: not imported; say --bindings <table>=wechat:<appid> (or wechat:unionid)",
  },
  unsure_bindings: {
    zh: "像第三方绑定的表，但看不出是哪个第三方：整表不导入，请用 --bindings 说明",
    en: "a table like third-party bindings, of which provider it doesn't say: not imported; say it with --bindings",
  },
  unread_objects: {
    zh: "dumpdata 文件中本系统不读取的模型：不导入",
    en: "a model of the dump that has no place here: not imported",
  },
  broken_binding: {
    zh: "绑定的 openid 为空或过长：不导入",
    en: "empty or over-long openid: the binding is not imported",
  },
  orphan: { zh: "所属账号不存在：不导入", en: "it belongs to no account: not imported" },
  unknown_column: { zh: "本系统没有这一列：不导入", en: "a column that has no place here: not imported" },
  group_renumbered: { zh: "用户组编号已被占用：换新编号", en: "the group's id is taken: it gets a new one" },
} as const satisfies Record<string, { zh: string; en: string }>;

export type FindingKind = keyof typeof findingKinds;

export interface Finding {
  readonly kind: FindingKind;
  /** What kind of thing the row is. */
  readonly table: "users" | "bindings" | "groups" | "user_groups" | "user_permissions";
  /** The row's id in the source; 0 where it is about a table. */
  readonly id: number;
  /** The user name or another name to find it by. */
  readonly name: string;
  readonly detail: string;
}

export interface Tally {
  read: number;
  /** Written, or in a dry run what would be. */
  imported: number;
  /** Here since an earlier import; left as they are. */
  already: number;
  refused: number;
}

export interface ImportReport {
  readonly source: string;
  readonly dryRun: boolean;
  readonly users: Tally;
  readonly groups: Tally;
  readonly permissions: Tally;
  readonly bindings: Tally;
  readonly findings: Readonly<Partial<Record<FindingKind, number>>>;
}

export function newTally(): Tally {
  return { read: 0, imported: 0, already: 0, refused: 0 };
}

export function addTally(sum: Tally, part: Tally): void {
  for (const key of ["read", "imported", "already", "refused"] as const) sum[key] += part[key];
}
