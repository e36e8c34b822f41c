import { expectImpersonal } from "../../accounts/staff-reason.ts";
import { endTokens } from "../../accounts/user-change.ts";
import { type LackingAccount, listLacking } from "../../factors/lacking-accounts.ts";
import { dayMillis } from "../../kernel/clock.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import type { AppContext } from "../command/contexts.ts";
import { CommandFailure } from "../terminal/terminal.ts";
import { accountDetails, accountWord, findAccount } from "./find-account.ts";
import { checkReason } from "./staff-options.ts";

const pageSize = 500;

/** Second factors of accounts: who must have one and has none, and taking it from whoever lost it, also the last superuser. */
export const secondFactor: Command = defineCommand({
  name: "second-factor",
  group: "people",
  needs: "app",
  json: true,
  zh: "两步验证：谁必须开启而没有开启；为丢失的人取消",
  en: "second factors: who must have one and has none; taking one from who lost it",
  verbs: {
    missing: {
      zh: "列出必须开启（SECOND_FACTOR_REQUIRED_FOR）而没有开启的账号和期限",
      en: "the accounts that must have one (SECOND_FACTOR_REQUIRED_FOR) and have none, and until when",
    },
    reset: {
      words: accountWord,
      zh: "取消一个账号的两步验证，结束其所有登录，并告知本人",
      en: "takes it from an account, ends every session of it, and tells its owner",
    },
  },
  options: {
    reason: {
      type: "string",
      of: "reset",
      value: { zh: "<理由>", en: "<why>" },
      zh: "理由，记入审计日志；必填",
      en: "why: kept in the audit log; required",
    },
  },
  details: accountDetails,
  check({ verb, values }) {
    if (verb === "reset") checkReason(values.reason ?? "");
  },
  async run(context, { verb, words: [name = ""], values, json }) {
    return verb === "missing" ? missing(context, json) : reset(context, name, values.reason!.trim(), json);
  },
});

async function missing({ app, config, terminal }: AppContext, asJson: boolean): Promise<number> {
  const { rules } = config.secondFactorPolicy;
  const all: LackingAccount[] = [];
  for (;;) {
    const page = await listLacking(app.db, rules, { after: all.at(-1)?.id ?? 0, limit: pageSize });
    all.push(...page);
    if (page.length < pageSize) break;
  }
  const found = all.map((one) => ({ id: one.id, username: one.username, due: dueOf(one, config) }));
  const zh = terminal.language === "zh";
  const nobody = zh ? "没有这样的账号。" : "There is no such account.";
  const unmet = zh ? "下次登录后起算" : "counts from its next log-in";
  const lines = found.map(({ id, username, due }) => `#${id}\t${username}\t${due ?? unmet}`);
  show(terminal, asJson, found, lines.length === 0 ? nobody : lines.join("\n"));
  return 0;
}

/** Null where its days have not begun. */
function dueOf(account: LackingAccount, { secondFactorPolicy }: AppContext["config"]): string | null {
  const { from, graceDays } = secondFactorPolicy;
  const asked = account.second_factor_asked_at;
  const at = from ?? (asked === null ? null : asked + graceDays * dayMillis);
  return at === null ? null : new Date(at).toISOString();
}

async function reset(
  { app, clock, actor, terminal }: AppContext,
  name: string,
  reason: string,
  asJson: boolean,
): Promise<number> {
  const { db, audit, users, secondFactors } = app;
  expectImpersonal(reason);
  const { id, username } = await findAccount(users, name);
  await db.transaction(async (transaction) => {
    const user = await users.lock(transaction, id);
    if (user === null || !(await secondFactors.reset(transaction, user))) {
      throw new CommandFailure(
        `账号 ${name} 没有开启两步验证。`,
        `The account ${name} has no second factor.`,
      );
    }
    await endTokens(transaction, clock, id);
    await audit.record(transaction, actor, {
      ...{ action: "user.reset-second-factor", targetKind: "user", targetId: id, target: username },
      before: { second_factor_at: user.second_factor_at },
      after: { second_factor_at: null, reason },
    });
  });
  const text =
    terminal.language === "zh"
      ? `已取消 ${username} 的两步验证。`
      : `The second factor of ${username} was taken away.`;
  show(terminal, asJson, { id, username }, text);
  return 0;
}
