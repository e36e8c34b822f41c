import { expectImpersonal } from "../../accounts/staff-reason.ts";
import { createDisablings } from "../../admin/disablings.ts";
import type { ExportFilter } from "../../admin/user-export.ts";
import type { Db } from "../../engines/database/database.ts";
import { AppError } from "../../errors/errors.ts";
import { randomToken } from "../../kernel/ids.ts";
import { show } from "../command/command.ts";
import type { ManageContext } from "../command/contexts.ts";
import { UsageError } from "../terminal/read-arguments.ts";
import { CommandFailure } from "../terminal/terminal.ts";
import { endAccountTokens } from "./end-account-tokens.ts";
import { findGroup } from "./find-group.ts";
import { setMember } from "./group-members.ts";
import { matchingUsers } from "./matching-users.ts";

/**
 * One change of many accounts, as the console's "Many at once": counted first and confirmed by that count; each account in a
 * transaction of its own with its entry in the audit log, beside those of the start and the end. Called again after it was stopped
 * in the middle it does the rest.
 */
export const changeKinds = ["disable", "enable", "end-tokens", "add-to-group", "remove-from-group"] as const;
export type ChangeKind = (typeof changeKinds)[number];
export const isChangeKind = (text: string | undefined): text is ChangeKind =>
  changeKinds.some((kind) => kind === text);

interface Wish {
  readonly kind: ChangeKind;
  readonly groupName: string | undefined;
  readonly reason: string;
  readonly confirm: number | null;
}

/** Errors: UsageError for a group that is missing, CommandFailure for one that is none, or where there are others by now. */
export async function changeMany(
  context: ManageContext,
  filter: ExportFilter,
  { kind, groupName, reason, confirm }: Wish,
  asJson: boolean,
): Promise<number> {
  expectImpersonal(reason);
  const { db, terminal, audit, actor } = context;
  const zh = terminal.language === "zh";
  const group = await groupOf(context, kind, groupName);
  const ids: number[] = [];
  for await (const page of matchingUsers(context, filter)) ids.push(...page.map(({ id }) => id));
  const count = ids.length;
  if (confirm === null) {
    const text = zh
      ? `共 ${count} 个账号，尚未修改。确认请加 --confirm ${count}。`
      : `${count} accounts fit; none was changed. Add --confirm ${count} to do it.`;
    show(terminal, asJson, { count, changed: 0 }, text);
    return 0;
  }
  if (confirm !== count)
    throw new CommandFailure(
      `现在符合条件的有 ${count} 个，不是 ${confirm} 个；没有修改。`,
      `There are ${count} by now, not ${confirm}; nothing was changed.`,
    );
  const run = randomToken();
  const record = (action: "bulk.start" | "bulk.end", after: Readonly<Record<string, unknown>>) =>
    db.transaction((transaction) =>
      audit.record(transaction, actor, {
        ...{ action, targetKind: "system", targetId: 0, target: "users" },
        ...{ before: {}, after: { run, ...after } },
      }),
    );
  await record("bulk.start", { bulk: kind.replaceAll("-", "_"), reason, count, ...(group && { group }) });
  const refused: Record<string, number> = {};
  let done = 0;
  for (const id of ids) {
    try {
      await db.transaction((transaction) => act(context, transaction, id, { kind, group, reason }));
      done += 1;
    } catch (error) {
      if (!(error instanceof AppError) || error.definition.status >= 500) throw error;
      refused[error.code] = (refused[error.code] ?? 0) + 1;
    }
  }
  await record("bulk.end", { done, refused });
  const not = Object.entries(refused).map(([code, times]) => `${code} ${times}`);
  const others =
    not.length === 0 ? "" : zh ? `；没有修改：${not.join("，")}` : `; not changed: ${not.join(", ")}`;
  show(
    terminal,
    asJson,
    { run, count, done, refused },
    `${zh ? "已修改" : "Changed"} ${done}/${count}${others}`,
  );
  return 0;
}

async function groupOf({ groups }: ManageContext, kind: ChangeKind, name: string | undefined) {
  if (!kind.endsWith("-group")) return null;
  if (name === undefined) throw new UsageError("请写明用户组。", "Say which group.");
  return (await findGroup(groups, name)).id;
}

/** Errors: those of what it does to one account, such as `last_superuser`. */
async function act(
  context: ManageContext,
  transaction: Db,
  id: number,
  { kind, group, reason }: { kind: ChangeKind; group: number | null; reason: string },
): Promise<void> {
  const { users, actor } = context;
  if (kind === "disable" || kind === "enable") {
    const disablings = createDisablings(context);
    if (kind === "enable") await disablings.enable(transaction, actor, id, reason);
    else await disablings.disable(transaction, actor, id, { reason, endsAt: null });
    return;
  }
  if (kind === "end-tokens") return endAccountTokens(context, transaction, id);
  const user = await users.byId(id, transaction);
  if (user === null) throw new AppError("not_found");
  await setMember(context, transaction, user, group!, kind === "add-to-group" ? "add" : "remove");
}
