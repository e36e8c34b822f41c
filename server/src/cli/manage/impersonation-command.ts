import { maskText } from "../../kernel/mask.ts";
import { createImpersonations, type Impersonations } from "../../sessions/impersonations.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import type { ManageContext } from "../command/contexts.ts";
import { CommandFailure } from "../terminal/terminal.ts";
import { accountDetails, accountWord, findAccount } from "./find-account.ts";

/** `impersonation [list] | end <account>`: what the console's page of an account shows of it, and ends. Nobody begins one here: it is a person's. */
export const impersonationCommand: Command = defineCommand({
  name: "impersonation",
  group: "people",
  needs: "database",
  json: true,
  zh: "正在代表用户操作的工作人员；将其结束",
  en: "who of the staff acts in whose place; ends it",
  details: accountDetails,
  defaultVerb: "list",
  verbs: {
    list: {
      words: { zh: "[<账号>]", en: "[<account>]" },
      ...{ zh: "进行中的，全部或一个账号的", en: "those under way, all or of one account" },
    },
    end: { words: accountWord, zh: "结束对一个账号的代表操作", en: "ends it in one account" },
  },
  async run(context, { verb, words: [name], json }) {
    const { terminal, users } = context;
    const impersonations = impersonationsOf(context);
    const account = name === undefined ? null : await findAccount(users, name);
    if (verb === "end") return end(context, impersonations, account!, json);
    const found = await impersonations.list(account?.id ?? null);
    const none = { zh: "没有进行中的。", en: "Nobody acts for anybody." }[terminal.language];
    const lines = found.map(lineOf);
    show(terminal, json, lines, lines.length === 0 ? none : found.map(textOf).join("\n"));
    return 0;
  },
});

function impersonationsOf(context: ManageContext): Impersonations {
  // No request comes in here, so nothing is used.
  return createImpersonations({ ...context, ...context.config, sessions: { noteSeen: async () => {} } });
}

async function end(
  { terminal, actor }: ManageContext,
  impersonations: Impersonations,
  account: { readonly id: number; readonly username: string },
  json: boolean,
): Promise<number> {
  const found = await impersonations.list(account.id);
  if (found.length === 0) {
    throw new CommandFailure(
      `没有工作人员在代表 ${account.username} 操作。`,
      `Nobody acts in the place of ${account.username}.`,
    );
  }
  for (const { id: session } of found) await impersonations.end(actor, account, { session, by: "staff" });
  const text = { zh: "已结束。", en: "Ended." }[terminal.language];
  show(terminal, json, { ended: found.map(lineOf) }, text);
  return 0;
}

type Impersonation = Awaited<ReturnType<Impersonations["list"]>>[number];

const iso = (at: number) => new Date(at).toISOString();

const lineOf = ({ user_id, impersonator, username, created_at, expires_at }: Impersonation) => ({
  ...{
    user: user_id,
    by: impersonator,
    by_username: username,
    began: iso(created_at),
    ends: iso(expires_at),
  },
});

const textOf = ({ user_id, impersonator, username, created_at, expires_at }: Impersonation) =>
  `#${user_id}  by: #${impersonator} ${maskText(username)}  ${iso(created_at)} – ${iso(expires_at)}`;
