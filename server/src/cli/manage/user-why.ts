import { type Disabling, findDisabling } from "../../accounts/disabled-rows.ts";
import type { User } from "../../accounts/record.ts";
import { openKv } from "../../app/engines.ts";
import { codeStateOf } from "../../codes/code-state.ts";
import { createKnownDevices } from "../../devices/known-devices.ts";
import type { KeyValue } from "../../engines/kv/kv.ts";
import type { RecordedMail } from "../../engines/mail/mail-list.ts";
import { createMailRecord } from "../../engines/mail/mail-record.ts";
import { secretKeysOf } from "../../kernel/keys.ts";
import { createLog } from "../../kernel/log.ts";
import { maskText } from "../../kernel/mask.ts";
import { type CounterState, createLogInLimits } from "../../sign-in/log-in-limits.ts";
import { createRefusals } from "../../sign-in/refusals.ts";
import { show } from "../command/command.ts";
import type { ManageContext } from "../command/contexts.ts";
import { refusalText } from "./refusal-text.ts";

/**
 * `user why <name>`: why this person can't log in. Reads, and changes and counts nothing. It says of a name without an
 * account what there is: codes that were asked for and the fate of their mails. No password, code or full address of
 * another person is shown.
 */
interface Finding {
  /** Stable, for scripts. */
  readonly reason: string;
  readonly zh: string;
  readonly en: string;
}

/** Mails that are shown. */
const mostMails = 10;

export async function why(context: ManageContext, name: string, asJson: boolean): Promise<number> {
  const { config, db, clock, users, terminal } = context;
  const account = await users.byLoginName(name);
  const { kv } = await openKv(config, db, clock, createLog("silent"));
  try {
    const counters = await countersOf(context, kv, name, account);
    const email = account?.email ?? (name.includes("@") ? name : null);
    const codes = email === null ? null : await codeStateOf({ ...config, kv }, email);
    const recorded = createMailRecord({ db, clock });
    const mailsTo = async (to: string) =>
      (await recorded.list({ to: [to], userId: account?.id, limit: mostMails })).mails;
    const mails = email === null ? [] : await mailsTo(email);
    const refusals =
      account === null ? [] : await createRefusals({ db, clock, log: createLog("silent") }).list(account.id);
    const disabling = account === null ? null : await findDisabling(db, account.id);
    const findings = [
      ...(account === null ? [noAccount] : stateOf(context, account, disabling)),
      ...counters
        .filter(({ limit, count }) => limit > 0 && count >= limit)
        .map((one) => full(one, context.config.loginFailureWall)),
      ...(codes?.isFull ? [codesFull] : []),
      ...mails
        .filter(({ state }) => state === "refused")
        .slice(0, 1)
        .map(notDelivered),
      ...mails
        .filter(({ state }) => state === "bounced" || state === "complained")
        .slice(0, 1)
        .map(sentBack),
      ...mails
        .filter(({ state, tries }) => state === "queued" && tries > 0)
        .slice(0, 1)
        .map(delayed),
    ];
    const result = {
      account: account === null ? null : { id: account.id, username: account.username },
      findings: findings.map(({ reason }) => reason),
      disabled: disabling === null ? null : { reason: disabling.reason, until: timeOf(disabling.ends_at) },
      last_login: timeOf(account?.last_login_at),
      credentials_changed: timeOf(account?.credentials_changed_at),
      counters: counters.filter(({ count }) => count > 0),
      codes,
      refusals: refusals.map(({ refused_at, ...one }) => ({ at: timeOf(refused_at), ...one })),
      mails: mails.map(({ kind, state, tries, words, created_at, updated_at }) => ({
        ...{ kind, state, tries, words, at: timeOf(created_at), changed: timeOf(updated_at) },
      })),
    };
    show(terminal, asJson, result, text(context, account, findings, result));
    return 0;
  } finally {
    await kv.close();
  }
}

const timeOf = (at: number | null | undefined) => (at == null ? null : new Date(at).toISOString());

const noAccount: Finding = {
  reason: "no_account",
  zh: "没有账号使用这个用户名、邮箱或手机号。",
  en: "No account has this user name, address or number.",
};

function stateOf({ passwords }: ManageContext, account: User, disabling: Disabling | null): Finding[] {
  const findings: Finding[] = [];
  const add = (reason: string, zh: string, en: string) => findings.push({ reason, zh, en });
  if (account.is_active === 0) {
    add(
      "disabled",
      `账号已停用（user activate 可启用）${disabling === null ? "" : `：${disabling.reason}，到 ${timeOf(disabling.ends_at) ?? "恢复为止"}`}。`,
      `The account is disabled (user activate lets it in again)${disabling === null ? "" : `: ${disabling.reason}, until ${timeOf(disabling.ends_at) ?? "it is let in"}`}.`,
    );
  }
  if (!passwords.isUsable(account.password_hash)) {
    add(
      "no_password",
      "账号没有密码：须用“忘记密码”设置，或用第三方登录。",
      "The account has no password: its owner sets one by “forgotten password”, or logs in by a third party.",
    );
  }
  if (account.second_factor_at !== null) {
    add(
      "second_factor",
      "账号开启了两步验证；手机和恢复码都丢失时，本人可申请关闭，或由职员取消（docs/second-factor.zh.md）。",
      "The account has a second factor: where phone and recovery codes are lost, its owner asks for its removal, or staff take it away (docs/second-factor.md).",
    );
  }
  if (account.email === null) {
    add(
      "no_address",
      "账号没有邮箱，无法用“忘记密码”。",
      "The account has no address, so “forgotten password” can't help.",
    );
  } else if (account.email_verified === 0) {
    add("address_unconfirmed", "邮箱尚未验证。", "The address is not confirmed.");
  }
  return findings;
}

async function countersOf(
  { config, db, clock }: ManageContext,
  kv: KeyValue,
  name: string,
  account: User | null,
): Promise<CounterState[]> {
  const limits = createLogInLimits({ ...config, kv, log: createLog("silent") });
  if (account === null) return limits.stateOf(name, { credentials_version: 0 }, []);
  const isHttps = config.publicApiUrl.startsWith("https:");
  const devices = await createKnownDevices({ db, clock, secretKeys: secretKeysOf(config), isHttps }).keysOf(
    account,
  );
  const names = [account.username, account.email, account.mobile].filter((one) => one !== null);
  const states = await Promise.all(names.map((one) => limits.stateOf(one, account, devices)));
  return states.flat();
}

function full({ who, rule, count, limit, window }: CounterState, isWall: boolean): Finding {
  const hours = window / 3600;
  const whose = {
    strangers: { zh: "不认识的设备", en: "devices that never logged in to it" },
    device: { zh: "一台登录过的设备", en: "a device that logged in before" },
  }[who];
  // Strangers past wrong passwords wait, however long the window is.
  if (who === "strangers" && rule !== "login-attempts" && !isWall) {
    return {
      reason: "throttled_strangers",
      zh: `${whose.zh}在 ${hours} 小时内失败过多（${rule}：${count}/${limit}），每次尝试前要先等待；登录过的设备不受影响。`,
      en: `Too many wrong passwords by ${whose.en} within ${hours} h (${rule}: ${count} of ${limit}): they wait before each try. Devices that logged in before don't.`,
    };
  }
  return {
    reason: `throttled_${who}`,
    zh: `${whose.zh}在 ${hours} 小时内已达上限（${rule}：${count}/${limit}），期满后自动恢复。`,
    en: `Too many tries by ${whose.en} within ${hours} h (${rule}: ${count} of ${limit}); it ends by itself after that time.`,
  };
}

const codesFull: Finding = {
  reason: "codes_throttled",
  zh: "这个邮箱的验证码邮件已达每小时或每天的上限。",
  en: "The address has had all the codes of an hour or a day.",
};

function notDelivered({ words, kind }: RecordedMail): Finding {
  return {
    reason: "mail_failed",
    zh: `最近一封邮件（${kind}）发送失败：${words ?? "-"}`,
    en: `The latest mail (${kind}) was not delivered: ${words ?? "-"}`,
  };
}

function sentBack({ words, kind, state }: RecordedMail): Finding {
  return state === "bounced"
    ? {
        reason: "mail_bounced",
        zh: `最近一封邮件（${kind}）被收件方退回：${words || "-"}`,
        en: `The latest mail (${kind}) was sent back by the receiving side: ${words || "-"}`,
      }
    : {
        reason: "mail_complained",
        zh: `收件人把一封邮件（${kind}）标为垃圾邮件，之后的邮件可能收不到。`,
        en: `A mail (${kind}) was marked as spam by who got it; later ones may not arrive.`,
      };
}

function delayed({ words, kind }: RecordedMail): Finding {
  return {
    reason: "mail_delayed",
    zh: `一封邮件（${kind}）正在重试：${words ?? "-"}`,
    en: `A mail (${kind}) is being tried again: ${words ?? "-"}`,
  };
}

interface Shown {
  readonly last_login: string | null;
  readonly credentials_changed: string | null;
  readonly counters: readonly CounterState[];
  readonly refusals: readonly { at: string | null; reason: string; network: string; times: number }[];
  readonly mails: readonly { at: string | null; kind: string; state: string; words: string | null }[];
}

function text(
  { terminal: { language } }: ManageContext,
  account: User | null,
  findings: readonly Finding[],
  { last_login, credentials_changed, counters, refusals, mails }: Shown,
): string {
  const zh = language === "zh";
  const nothing = zh
    ? "没有发现妨碍登录的情况：密码可能输错了，或请求没有到达。"
    : "Nothing here keeps its owner out: the password may be mistyped, or the request does not arrive.";
  const facts = [
    ...(account === null ? [] : [`#${account.id} ${maskText(account.username)}`]),
    `${zh ? "最近登录" : "last log-in"}: ${last_login ?? "-"}`,
    ...(credentials_changed === null
      ? []
      : [`${zh ? "密码或令牌最近变动" : "credentials changed"}: ${credentials_changed}`]),
    ...counters.map(({ who, rule, count, limit }) => `${who} ${rule}: ${count}/${limit === 0 ? "-" : limit}`),
    ...refusals.map(
      ({ at, reason, network, times }) =>
        `${at?.slice(0, 19)}  ${zh ? "被拒绝" : "refused"}: ${refusalText(reason, language)}  ${network}  ×${times}`,
    ),
    ...mails.map(
      ({ at, kind, state, words }) => `${at?.slice(0, 19)}  ${kind}  ${state}${words ? `  ${words}` : ""}`,
    ),
    ...(account === null
      ? []
      : [
          zh
            ? `更多见日志：被拒绝的登录有 "userId":${account.id}，以及 client（网络）。`
            : `The log has more: refused log-ins have "userId":${account.id}, and their client's network.`,
        ]),
  ];
  const reasons = findings.length === 0 ? [nothing] : findings.map((one) => `• ${zh ? one.zh : one.en}`);
  return [...reasons, "", ...facts].join("\n");
}
