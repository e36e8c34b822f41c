import { bulkRunView, createBulkRuns } from "../../admin/bulk-runs.ts";
import { AppError } from "../../errors/errors.ts";
import { show } from "../command/command.ts";
import type { ManageContext } from "../command/contexts.ts";
import { CommandFailure } from "../terminal/terminal.ts";

/** `users runs [<run>]`: what the console did to many at once, the latest first; of one what became of the accounts. Errors: CommandFailure for one that is none. */
export async function listRuns(
  context: ManageContext,
  { id, limit }: { readonly id: string | undefined; readonly limit: number },
  asJson: boolean,
): Promise<number> {
  const { db, terminal } = context;
  const runs = createBulkRuns({ db });
  const zh = terminal.language === "zh";
  if (id !== undefined) {
    const found = await runs.show(id).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== "not_found") throw error;
      throw new CommandFailure(`没有批量操作 ${id}。`, `There is no run ${id}.`);
    });
    const view = { ...bulkRunView(found.run), outcomes: { ...found.outcomes } };
    const outcomes = Object.entries(view.outcomes).map(([outcome, count]) => `  ${outcome} ${count}`);
    show(terminal, asJson, view, [lineOf(view, zh), ...outcomes].join("\n"));
    return 0;
  }
  const rows = (await runs.list(limit)).map(bulkRunView);
  const none = zh ? "没有。" : "None.";
  show(terminal, asJson, rows, rows.length === 0 ? none : rows.map((row) => lineOf(row, zh)).join("\n"));
  return 0;
}

function lineOf(run: ReturnType<typeof bulkRunView>, zh: boolean): string {
  const { id, started_at, finished_at, actor, action, group, total, reason } = run;
  const what = group === null ? action : `${action} (${zh ? "用户组" : "group"} #${group})`;
  const accounts = zh ? `${total} 个账号` : `${total} accounts`;
  const under = zh ? "进行中" : "under way";
  const end = finished_at === null ? under : `– ${finished_at.slice(0, 19)}`;
  return `${id}  ${started_at.slice(0, 19)} ${end}  ${what}  ${accounts}  ${actor}  ${reason}`;
}
