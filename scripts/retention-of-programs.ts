/** What a row of docs/retention.md says, and the rows of what is kept about other programs (retention.ts has the others). */
export interface Texts {
  readonly zh: string;
  readonly en: string;
}

/**
 * - `itself`: the maintenance removes it, once a minute, when its time is over;
 * - `owner`: goes with the account, the group or the permission that it belongs to;
 * - `stays`: until somebody deletes it. What has it grows with people and with their acts, and by nothing else.
 */
export type Going = "itself" | "owner" | "stays";

export interface Retention {
  readonly name: string;
  readonly going: Going;
  readonly holds: Texts;
  /** What removes it, and when. */
  readonly kept: Texts;
  /** Who hands it out, and who erases it. */
  readonly hands: Texts;
}

const nobody = { zh: "—", en: "—" };

export const programRows: readonly Retention[] = [
  {
    ...{ name: "services", going: "itself", hands: nobody },
    holds: {
      zh: "其他服务：名称、权限、网段、最近使用",
      en: "other services: name, scopes, networks, last use",
    },
    kept: {
      zh: "撤销时删除；到期 30 天后由维护任务删除",
      en: "until it is revoked; the maintenance, 30 days after it expired",
    },
  },
  {
    ...{ name: "service_secrets", going: "itself", hands: nobody },
    holds: { zh: "其他服务的密钥（摘要）", en: "other services' secrets, as digests" },
    kept: {
      zh: "随服务删除；更换后到期即由维护任务删除",
      en: "with the service; the maintenance, when a replaced one has ended",
    },
  },
  {
    ...{ name: "deletion_holds", going: "itself" },
    holds: { zh: "哪个服务为何暂缓清除一个账号", en: "which service has an erasure wait, and why" },
    kept: {
      zh: "到期由维护任务删除，最迟在申请注销后 15 个工作日；或随账号清除",
      en: "the maintenance, when it ends, fifteen working days after the deletion was asked for at the latest; or with the account",
    },
    hands: { zh: "本人的数据导出", en: "in its owner’s export" },
  },
  {
    ...{ name: "audit_marks", going: "stays", hands: nobody },
    holds: {
      zh: "审计日志写到标准输出、连成链的进度，查找旧版本所写内容的进度，以及链何时由谁重新开始",
      en: "how far the audit log was written to standard output, linked, and looked through for what earlier versions wrote, and who began the chain anew",
    },
    kept: { zh: "四行", en: "four rows" },
  },
  {
    ...{ name: "audit_links", going: "stays", hands: nobody },
    holds: {
      zh: "审计日志的链：每条记录的摘要，个人信息只有其密钥下的摘要",
      en: "the chain of the audit log: digests of its entries, of what is a person’s under that person’s key alone",
    },
    kept: {
      zh: "与审计日志一样一直保留；清理过的记录留下签名",
      en: "for good, as the log; of purged entries with a signature",
    },
  },
  {
    ...{ name: "audit_keys", going: "stays", hands: nobody },
    holds: {
      zh: "上述摘要的密钥，每人一个随机值",
      en: "the keys of those digests, a random one for each person",
    },
    kept: { zh: "随账号清除", en: "with the account" },
  },
  {
    ...{ name: "webhook_endpoints", going: "stays", hands: nobody },
    holds: {
      zh: "事件通知的接收地址和密钥（加密）",
      en: "where other programs are told of events, with secrets, encrypted",
    },
    kept: { zh: "直到运营者删除；最多 50 个", en: "until an operator removes them; at most 50" },
  },
  {
    ...{ name: "webhook_deliveries", going: "itself" },
    holds: {
      zh: "告知其他程序的事件：账号编号、送达结果和对方的回答",
      en: "events that other programs were told: ids of accounts, outcomes and answers",
    },
    kept: { zh: "30 天后由维护任务删除", en: "the maintenance, after thirty days" },
    hands: {
      zh: "本人的数据导出；只有编号，清除账号后也按期删除",
      en: "in its owner’s export; ids alone, which go in their time when the account is erased, too",
    },
  },
];
