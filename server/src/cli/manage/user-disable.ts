import type { User } from "../../accounts/record.ts";
import { createDisablings } from "../../admin/disablings.ts";
import { createNotes, noteText } from "../../admin/notes.ts";
import { type Option, show } from "../command/command.ts";
import type { ManageContext } from "../command/contexts.ts";
import { UsageError } from "../terminal/read-arguments.ts";
import { readUntil, shortestReason } from "./staff-options.ts";

/** `user deactivate --reason`, `user notes`, `user note` and `user unnote`: what the console's page of a user does. */
export const disableOptions = {
  until: {
    type: "string",
    of: "deactivate",
    value: { zh: "<时间>", en: "<time>" },
    zh: "到期自动恢复，例如 2027-01-31 或 2027-01-31T08:00:00Z；须写 --reason",
    en: "when it comes back by itself, such as 2027-01-31 or 2027-01-31T08:00:00Z; takes a --reason",
  },
} as const satisfies Readonly<Record<string, Option>>;

/** Error: UsageError for an end without a reason, or a reason that says nothing. */
export function checkDisable(values: {
  readonly reason: string | undefined;
  readonly until: string | undefined;
}): void {
  const { reason, until } = values;
  if (until !== undefined && reason === undefined) {
    throw new UsageError("--until 须同时写 --reason。", "--until takes a --reason.");
  }
  if (reason !== undefined && reason.trim().length < shortestReason) {
    throw new UsageError("--reason 至少 4 个字。", "A --reason has at least 4 characters.");
  }
}

/** With a reason. Error: UsageError for an end that is no time. */
export async function disable(
  context: ManageContext,
  { id }: User,
  { reason, until }: { readonly reason: string; readonly until: string | undefined },
): Promise<void> {
  const endsAt = readUntil(until);
  const disablings = createDisablings(context);
  await context.db.transaction((transaction) =>
    disablings.disable(transaction, context.actor, id, { reason, endsAt }),
  );
}

export async function listNotes(context: ManageContext, { id }: User, asJson: boolean): Promise<number> {
  const notes = await createNotes(context).list(id);
  const value = notes.map(({ created_at, user_id: _, ...note }) => ({
    ...{ ...note, created_at: new Date(created_at).toISOString() },
  }));
  const lines = value.map(({ id, created_at, author, text }) => `${id}  ${created_at}  ${author}\n  ${text}`);
  const none = { zh: "没有备注。", en: "There are no notes." }[context.terminal.language];
  show(context.terminal, asJson, value, lines.length === 0 ? none : lines.join("\n"));
  return 0;
}

export async function changeNote(
  context: ManageContext,
  { id }: User,
  {
    verb,
    word,
    asJson,
  }: { readonly verb: "note" | "unnote"; readonly word: string; readonly asJson: boolean },
): Promise<number> {
  const notes = createNotes(context);
  const isLong = word.trim().length < noteText.minLength || word.length > noteText.maxLength;
  if (verb === "note" && isLong) {
    throw new UsageError("备注须有 1 到 4000 个字。", "A note has 1 to 4,000 characters.");
  }
  const note = verb === "note" ? (await notes.add(context.actor, id, word.trim())).id : word;
  if (verb === "unnote") await notes.remove(context.actor, id, note);
  const text = {
    note: { zh: `已记下 ${note}。`, en: `Written down: ${note}.` },
    unnote: { zh: `已删除 ${note}。`, en: `Removed ${note}.` },
  }[verb][context.terminal.language];
  show(context.terminal, asJson, { id, note }, text);
  return 0;
}
