import type { User } from "../../accounts/record.ts";
import { createLimits } from "../../admin/administrator.ts";
import { createUserSessions } from "../../admin/user-sessions.ts";
import { AppError } from "../../errors/errors.ts";
import { secretKeysOf } from "../../kernel/keys.ts";
import { createLog } from "../../kernel/log.ts";
import { createRefreshTokens } from "../../sessions/refresh-token.ts";
import { cursorOf, pastLogIns, readCursor } from "../../sessions/session-history.ts";
import { viewOf } from "../../sessions/session-view.ts";
import { createSessions } from "../../sessions/sessions.ts";
import { logInView } from "../../sign-in/log-in-history-routes.ts";
import { type Option, show } from "../command/command.ts";
import type { ManageContext } from "../command/contexts.ts";
import { CommandFailure } from "../terminal/terminal.ts";
import { beforeOption, checkLimit, limitOption, nextLine, noPlace } from "./page-options.ts";

/** `user sessions`, `user end-session` and `user log-ins`: what the console's page of a user shows of log-ins, and ends. */
export const logInOptions = {
  limit: { ...limitOption, of: "log-ins" },
  before: { ...beforeOption, of: "log-ins" },
} as const satisfies Readonly<Record<string, Option>>;

interface PageValues {
  readonly limit: string;
  readonly before: string | undefined;
}

/** Error: UsageError. */
export function checkLogIns({ limit, before }: PageValues): void {
  checkLimit(limit);
  if (before !== undefined && readCursor(before) === null) throw noPlace();
}

/** Those that live, the one used last first. */
export async function listSessions(context: ManageContext, { id }: User, asJson: boolean): Promise<number> {
  const found = await sessionsOf(context).sessions(id);
  const views = await Promise.all(found.map((row) => viewOf(row, null)));
  // None is the one that this was asked in.
  const sessions = views.map(({ current: _, ...view }) => view);
  const { terminal } = context;
  const zh = terminal.language === "zh";
  const lines = sessions.map((one) =>
    [
      ...[one.id, wayOf(one), deviceOf(one), one.network],
      `${zh ? "登录" : "began"} ${one.created_at}`,
      `${zh ? "最近使用" : "last used"} ${one.last_seen_at}`,
      `${zh ? "到期" : "ends"} ${one.expires_at}`,
    ].join("  "),
  );
  const none = zh ? "没有登录。" : "It is logged in nowhere.";
  show(terminal, asJson, sessions, lines.length === 0 ? none : lines.join("\n"));
  return 0;
}

/** With its entry in the audit log. Error: CommandFailure where it has no such session, or that has ended. */
export async function endSession(
  context: ManageContext,
  { id }: User,
  session: string,
  asJson: boolean,
): Promise<number> {
  const { actor, terminal } = context;
  await sessionsOf(context)
    .endSession(actor, id, session)
    .catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== "not_found") throw error;
      throw new CommandFailure(
        `账号没有登录 ${session}，或已结束；user sessions 列出全部。`,
        `The account has no session ${session}, or it has ended; user sessions lists them.`,
      );
    });
  const text = terminal.language === "zh" ? `已结束登录 ${session}。` : `Ended the session ${session}.`;
  show(terminal, asJson, { id, session }, text);
  return 0;
}

/** Past ones, ended or not, the newest first. */
export async function listLogIns(
  { db, terminal }: ManageContext,
  { id }: User,
  values: PageValues,
  asJson: boolean,
): Promise<number> {
  const limit = Number(values.limit);
  const after = values.before === undefined ? null : readCursor(values.before);
  const found = await pastLogIns(db, id, { after, limit: limit + 1 });
  const rows = found.slice(0, limit);
  const next = found.length > limit ? cursorOf(rows.at(-1)!) : null;
  const log_ins = await Promise.all(rows.map(logInView));
  const zh = terminal.language === "zh";
  const lines = log_ins.map((one) => {
    const end = one.ended_at === null ? [] : [`${zh ? "结束" : "ended"} ${one.ended_at}`];
    return [one.at, wayOf(one), deviceOf(one), one.network, ...end].join("  ");
  });
  const none = zh ? "没有登录记录。" : "No log-in is kept.";
  const text = lines.length === 0 ? none : [...lines, ...nextLine(next, terminal.language)].join("\n");
  show(terminal, asJson, { log_ins, next }, text);
  return 0;
}

function sessionsOf(context: ManageContext) {
  const { config } = context;
  const refreshTokens = createRefreshTokens(secretKeysOf(config));
  const sessions = createSessions({ ...context, ...config, refreshTokens, log: createLog("silent") });
  return createUserSessions({ ...context, limits: createLimits(context), sessions });
}

const wayOf = ({ way, provider }: { readonly way: string; readonly provider: string | null }) =>
  provider === null ? way : `${way} (${provider})`;

const deviceOf = ({ browser, system }: { readonly browser: string; readonly system: string }) =>
  [browser, system].filter((part) => part !== "").join("/") || "-";
