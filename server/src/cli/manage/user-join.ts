import { createErasedNames } from "../../accounts/erased-names.ts";
import { isMobileProved } from "../../accounts/mobile.ts";
import type { User } from "../../accounts/record.ts";
import { expectImpersonal } from "../../accounts/staff-reason.ts";
import { tellsNumbers } from "../../app/sms.ts";
import { createEventParts } from "../../app/webhooks.ts";
import { createOutbox } from "../../engines/jobs/outbox.ts";
import { AppError } from "../../errors/errors.ts";
import { joinProblemTexts, joinThingTexts } from "../../joining/join-words.ts";
import { createJoins, type Preview } from "../../joining/joins.ts";
import { secretKeysOf } from "../../kernel/keys.ts";
import { createLog } from "../../kernel/log.ts";
import { maskText } from "../../kernel/mask.ts";
import { show } from "../command/command.ts";
import type { ManageContext } from "../command/contexts.ts";
import { CommandFailure, type Terminal } from "../terminal/terminal.ts";
import { findAccount } from "./find-account.ts";
import { checkReason } from "./staff-options.ts";

interface JoinValues {
  readonly reason: string | undefined;
  readonly yes: boolean;
}

/** `user join`: for people who can't log in to both. Without --yes what would become of both is shown, and nothing done. */
export async function joinUsers(
  context: ManageContext,
  [keptName, joinedName]: readonly [string, string],
  { reason = "", yes }: JoinValues,
  asJson: boolean,
): Promise<number> {
  checkReason(reason);
  expectImpersonal(reason);
  const { db, clock, actor, config, terminal, users } = context;
  const log = createLog("error");
  // Its own audit log: one that tells these events, so that one join is told of once.
  const { audit, events, watchNotices } = createEventParts({ db, clock, log });
  const joins = createJoins({
    ...{ ...context, audit, events, log, jobs: watchNotices(createOutbox(context)) },
    secretKeys: secretKeysOf(config),
    erasedNames: createErasedNames(secretKeysOf(config)),
    tellsNumbers: tellsNumbers(config, "joinAccount"),
  });
  const kept = await findAccount(users, keptName);
  const joined = await findAccount(users, joinedName);
  if (kept.id === joined.id) throw new CommandFailure("这是同一个账号。", "These are the same account.");
  const preview = await joins.preview({ kept, joined });
  const { plan } = preview;
  const facts = { kept_id: kept.id, joined_id: joined.id, problems: plan.problems, items: plan.items };
  const bindings = plan.bindings.map(({ provider, nickname }) => ({ provider, nickname }));
  if (!yes || plan.problems.length > 0) {
    show(terminal, asJson, { ...facts, bindings, done: false }, describe(terminal, preview));
    if (plan.problems.length > 0) throw prevented(plan.problems);
    const asked = proofsOf(joined);
    throw new CommandFailure(
      `以上是合并的结果，还没有执行；被并入的账号将被清除，不能恢复。${asked.zh}确认请加 --yes。`,
      `So it would be; nothing was done. The joined account is erased, and nothing brings it back. ${asked.en}Add --yes to do it.`,
    );
  }
  const asked = { actor, by: "operator", digest: plan.digest, reason: reason.trim() } as const;
  try {
    const notesSeen = await joins.forgetNotes({ kept, joined }, asked);
    await db.transaction((transaction) => joins.join(transaction, { kept, joined }, { ...asked, notesSeen }));
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "unavailable") throw error;
    throw new CommandFailure(
      "其中一个账号刚刚有变化，没有合并；请再试一次。",
      "One of the two has just changed, and nothing was done. Try again.",
    );
  }
  const text = {
    zh: `${joinedName}（#${joined.id}）已并入 ${keptName}（#${kept.id}）。`,
    en: `${joinedName} (#${joined.id}) went into ${keptName} (#${kept.id}).`,
  };
  show(terminal, asJson, { ...facts, bindings, done: true }, text[terminal.language]);
  return 0;
}

/** What its owner would have to show on the page (joining/expect-leaver.ts), which the operator asks for in its place. */
function proofsOf(joined: User): { readonly zh: string; readonly en: string } {
  const hasNumber = joined.mobile !== null && isMobileProved(joined);
  const hasFactor = joined.second_factor_at !== null;
  if (!hasNumber && !hasFactor) return { zh: "", en: "" };
  const number = maskText(joined.mobile ?? "");
  const zh = [hasNumber ? `能收到 ${number} 的短信` : "", hasFactor ? "持有两步验证" : ""];
  const en = [hasNumber ? `gets SMS at ${number}` : "", hasFactor ? "has its second factor" : ""];
  const some = (one: string) => one !== "";
  return {
    zh: `请先核实来人${zh.filter(some).join("，并")}。`,
    en: `Make sure first that whoever asks ${en.filter(some).join(" and ")}. `,
  };
}

function describe({ language }: Terminal, { kept, joined, plan }: Preview): string {
  const becomes = {
    moves: { zh: "转入", en: "moves" },
    stays: { zh: "不变", en: "stays" },
    lost: { zh: "失去", en: "lost" },
  } as const;
  const of = (text: { readonly zh: string; readonly en: string }) => text[language === "zh" ? "zh" : "en"];
  const moved = plan.bindings.filter(({ is_alias }) => is_alias === 0);
  const lines = [
    ...moved.map(({ provider, nickname }) => [becomes.moves, provider, nickname ?? ""] as const),
    ...plan.items.map(
      ({ what, becomes: fate, value, count }) =>
        [becomes[fate], of(joinThingTexts[what]), value ?? String(count)] as const,
    ),
  ];
  const head = `#${joined.id} ${joined.username} -> #${kept.id} ${kept.username}`;
  return [head, ...lines.map(([fate, what, value]) => `${of(fate).padEnd(6)} ${what}  ${value}`)].join("\n");
}

function prevented(problems: Preview["plan"]["problems"]): CommandFailure {
  const say = (language: "zh" | "en") => problems.map((one) => joinProblemTexts[one][language]).join(" ");
  return new CommandFailure(say("zh"), say("en"));
}
