/**
 * Every event there is, named once: what operators read in the log, what counts in the metrics, what other programs of the site
 * are told (webhooks/). Many follow from what is written anyway, a mail to the owner or an entry of the audit log: `notices` and
 * `actions` say which, so that nobody who writes one can forget the event (guard: events.test.ts has every kind of notice and
 * every action). Names are a promise to receivers and never change; docs/webhooks.md has them.
 */
interface EventFacts {
  readonly zh: string;
  readonly en: string;
  /** Kinds of mails to the owner that mean it. */
  readonly notices?: readonly string[];
  /** Actions of the audit log that mean it. */
  readonly actions?: readonly string[];
  /** Told only to who asks for it by name: there are many of them. */
  readonly isAsked?: true;
  /**
   * Changes what reading the account answers: it brings the account's version. Its transaction has locked the account before anything
   * else of it, or two wait for each other (guard: races on PostgreSQL).
   */
  readonly changesAccount?: true;
}

export const eventFacts = {
  "user.created": { zh: "新账号", en: "an account was made", changesAccount: true },
  "accounts.imported": {
    zh: "从 Django 站点导入了账号：user_ids，每个事件至多 100 个；请逐个读取",
    en: "accounts were imported from a Django site: user_ids, a hundred at most in one event; read each of them",
  },
  "user.updated": {
    zh: "账号资料、同意、年龄说明、权限或用户组有变化",
    en: "an account’s fields, consents, stated age, permissions or groups changed",
    actions: [
      ...["user.change", "user.groups", "user.permissions", "user.consent", "user.age"],
      ...["user.disable", "user.enable"],
    ],
    changesAccount: true,
  },
  "user.avatar_changed": {
    zh: "换了头像，或去掉了",
    en: "a picture was changed, or removed",
    changesAccount: true,
  },
  "user.disabled": { zh: "账号被停用", en: "an account was disabled", changesAccount: true },
  "user.enabled": { zh: "账号恢复使用", en: "an account was enabled again", changesAccount: true },
  "user.login_names_changed": {
    zh: "用户名、邮箱或手机号有变化",
    en: "a user name, address or number changed",
    notices: [
      ...["email_changed", "email_added", "username_changed", "mobile_lost", "number_left"],
      ...["number_added", "number_changed", "number_removed"],
    ],
    actions: ["user.number-left"],
    changesAccount: true,
  },
  "number.loss_reported": {
    zh: "申请移除收不到短信的手机号，或申请作废",
    en: "the removal of a lost number was asked for, or is void",
    notices: ["number_leave_asked", "number_leave_cancelled"],
    actions: ["user.number-leave-asked", "user.number-leave-cancelled", "user.number-leave-refused"],
  },
  "user.deletion_requested": {
    zh: "申请注销账号；清除之前可以暂缓，见 docs/webhooks.zh.md",
    en: "an account’s deletion was asked for; a service may hold it: docs/webhooks.md",
    actions: ["user.deletion-asked"],
    changesAccount: true,
  },
  "user.deletion_held": {
    zh: "有服务要求暂缓清除，或不再要求",
    en: "a service has an erasure wait, or no longer",
    actions: ["user.deletion-held", "user.deletion-released"],
  },
  "user.deletion_cancelled": {
    zh: "撤销了注销申请",
    en: "an account’s deletion was cancelled",
    actions: ["user.deletion-cancelled"],
    changesAccount: true,
  },
  "user.deleted": {
    zh: "账号已清除，编号不再使用",
    en: "an account was erased; its id is never used again",
    changesAccount: true,
  },
  "account.joined": {
    zh: "另一个账号并入了这个账号：kept_id 与 joined_id；后者已清除，编号不再使用",
    en: "another account went into this one: kept_id and joined_id; the latter is erased, and its id never used again",
    notices: ["account_joined"],
    actions: ["user.join"],
    changesAccount: true,
  },
  "group.changed": {
    zh: "用户组改名、权限有变化或已删除：group_id；不含账号，见 docs/webhooks.zh.md",
    en: "a group was renamed or removed, or its permissions changed: group_id, and no account; see docs/webhooks.md",
    actions: ["group.change", "group.delete"],
  },
  "user.logged_in": { zh: "登录", en: "somebody logged in", isAsked: true },
  "user.new_device": { zh: "从新设备登录", en: "a log-in from a new device", notices: ["new_device"] },
  "user.second_factor_stopped": {
    zh: "第一步通过、未通过两步验证的登录",
    en: "a log-in that was right as far as the second factor, and no further",
    notices: ["second_factor_stopped"],
  },
  "session.revoked": {
    zh: "登录被结束",
    en: "sessions were ended",
    notices: ["session_replayed"],
    actions: ["user.end-session", "user.end-tokens", "session.disowned", "session.replayed"],
  },
  "user.impersonated": {
    zh: "工作人员开始或结束代表本人操作账号",
    en: "staff began to act in an owner’s place, or are done",
    notices: ["impersonation_begun"],
    actions: ["user.impersonate", "user.impersonate-end"],
  },
  "password.changed": {
    zh: "密码有变化",
    en: "a password changed",
    notices: ["password_changed"],
    actions: ["user.password"],
    changesAccount: true,
  },
  "factor.added": {
    zh: "增加了两步验证方式或通行密钥",
    en: "a second factor or passkey was added",
    notices: ["second_factor_added", "passkey_added"],
  },
  "factor.removed": {
    zh: "去掉了两步验证方式或通行密钥",
    en: "a second factor or passkey was removed",
    notices: ["second_factor_removed", "passkey_removed"],
    actions: ["user.reset-second-factor", "user.lost-factor-removed"],
  },
  "factor.changed": {
    zh: "验证器或恢复码有变化",
    en: "an authenticator was replaced, or recovery codes used or renewed",
    notices: ["authenticator_changed", "recovery_code_used", "recovery_codes_low", "recovery_codes_renewed"],
    actions: ["user.passkey-counter"],
  },
  "factor.loss_reported": {
    zh: "申请去掉丢失的两步验证，或撤销申请",
    en: "the removal of a lost second factor was asked for, or cancelled",
    notices: ["lost_factor_asked", "lost_factor_cancelled"],
    actions: ["user.lost-factor-asked", "user.lost-factor-cancelled"],
  },
  "binding.added": {
    zh: "绑定了第三方账号",
    en: "a third party was bound",
    notices: ["binding_added"],
    changesAccount: true,
  },
  "binding.removed": {
    zh: "解绑了第三方账号",
    en: "a third party was unbound",
    notices: ["binding_removed"],
    changesAccount: true,
  },
  "export.requested": {
    zh: "申请导出个人数据",
    en: "somebody asked for their data",
    notices: ["data_export_asked"],
    actions: ["user.export-asked"],
  },
  "export.ready": {
    zh: "个人数据导出已备好",
    en: "somebody’s data is ready for them",
    notices: ["data_export_ready"],
    actions: ["user.export-made"],
  },
  "audit.entry": { zh: "审计日志的每条记录", en: "each entry of the audit log", isAsked: true },
  "webhook.test": { zh: "测试", en: "a test", isAsked: true },
} as const satisfies Readonly<Record<string, EventFacts>>;

export type EventName = keyof typeof eventFacts;
export const eventNames = Object.keys(eventFacts) as readonly EventName[];

const facts: Readonly<Record<EventName, EventFacts>> = eventFacts;

export const changesAccount = (name: EventName): boolean => facts[name].changesAccount === true;

export const isAskedFor = (name: EventName): boolean => facts[name].isAsked === true;

const named = (of: "notices" | "actions") =>
  new Map(eventNames.flatMap((name) => (facts[name][of] ?? []).map((one) => [one, name] as const)));
const byNotice = named("notices");
const byAction = named("actions");

/** What a mail to the owner means; null for one that means nothing of its own. */
export const eventOfNotice = (kind: string): EventName | null => byNotice.get(kind) ?? null;
/** What an entry of the audit log means. */
export const eventOfAction = (action: string): EventName | null => byAction.get(action) ?? null;
