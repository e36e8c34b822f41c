import type { Audit, AuditEntry } from "../../audit/audit.ts";
import { auditLineOf } from "../../audit/audit-line.ts";
import type { AuditFilter, AuditPage } from "../../audit/entry-list.ts";
import { behalfOf } from "../../audit/impersonator.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import type { ManageContext } from "../command/contexts.ts";
import { UsageError } from "../terminal/read-arguments.ts";
import { findAccount } from "./find-account.ts";

/** Who changed what: the audit log at the command line. Reads, and writes nothing. */
export const auditCommand: Command = defineCommand({
  name: "audit",
  group: "look",
  needs: "database",
  json: true,
  zh: "审计日志：谁改了什么",
  en: "the audit log: who changed what",
  defaultVerb: "list",
  verbs: {
    list: { zh: "最新的在前", en: "the newest first" },
    runs: {
      zh: "批量导入和导出：谁、何时、多少",
      en: "imports and exports of many accounts: who, when, how many",
    },
    export: {
      zh: "旧的在前，一行一条 JSON，只含编号；见 docs/audit.zh.md",
      en: "the oldest first, as lines of JSON, by ids alone: docs/audit.md",
    },
  },
  options: {
    after: {
      type: "string",
      value: "<n>",
      default: "0",
      of: "export",
      zh: "从这个编号之后开始",
      en: "those behind this number",
    },
    about: {
      type: "string",
      value: { zh: "<账号>", en: "<account>" },
      zh: "只列对这个账号的改动",
      en: "only changes of this account",
    },
    by: {
      type: "string",
      value: { zh: "<账号>", en: "<account>" },
      zh: "只列这个账号做的改动",
      en: "only changes made by this account",
    },
    action: {
      type: "string",
      value: { zh: "<动作>", en: "<action>" },
      zh: "只列这种动作，如 user.change，或一类，如 user",
      en: "only this action, such as user.change, or a whole kind, such as user",
    },
    since: {
      type: "string",
      value: { zh: "<时间>", en: "<time>" },
      zh: "只列此后的：日期（2026-11-01）、时刻，或 30m、24h、7d",
      en: "only later ones: a date (2026-11-01), a time, or 30m, 24h, 7d",
    },
    limit: { type: "string", value: "<n>", default: "50", zh: "最多几条", en: "at most this many" },
  },
  check({ values: { limit, since, after } }) {
    if (!/^(0|[1-9]\d{0,14})$/.test(after)) {
      throw new UsageError("--after 请写编号。", "--after is a number.");
    }
    if (!/^[1-9]\d{0,5}$/.test(limit)) {
      throw new UsageError("--limit 请写 1 到 999999。", "--limit is a number from 1 to 999999.");
    }
    if (since !== undefined && timeOf(since, 0) === null) {
      throw new UsageError(
        "--since 请写日期、时刻，或 30m、24h、7d。",
        "--since is a date, a time, or 30m, 24h, 7d.",
      );
    }
  },
  async run(context, { verb, values, json }) {
    const { audit, clock, terminal } = context;
    if (verb === "export") {
      await exportLines(context, Number(values.after), Number(values.limit));
      return 0;
    }
    if (verb === "runs") {
      const { entries: runs } = await audit.runs({ limit: Math.min(Number(values.limit), 1000) });
      const shownRuns = runs.map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() }));
      show(terminal, json, { entries: shownRuns }, text(context, runs));
      return 0;
    }
    const idOf = async (name: string | undefined) =>
      name === undefined ? undefined : (await findAccount(context.users, name)).id;
    const [target, actorId] = [await idOf(values.about), await idOf(values.by)];
    const entries = await readPages(audit, {
      limit: Number(values.limit),
      ...(target !== undefined && { targetKind: "user", targetId: target }),
      ...(actorId !== undefined && { actorId }),
      ...(values.action !== undefined && { action: values.action }),
      ...(values.since !== undefined && { since: timeOf(values.since, clock.now()) as number }),
    });
    const shown = entries.map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() }));
    show(terminal, json, { entries: shown }, text(context, entries));
    return 0;
  },
});

/** Up to so many lines, page after page; nothing where there is nothing new. */
async function exportLines({ audit, terminal }: ManageContext, from: number, limit: number): Promise<void> {
  for (let [after, left] = [from, limit]; left > 0; ) {
    const entries = await audit.after(after, Math.min(left, 1000));
    for (const entry of entries) terminal.print(JSON.stringify(auditLineOf(entry)));
    const last = entries.at(-1);
    if (last === undefined) return;
    [after, left] = [last.id, left - entries.length];
  }
}

/** Page after page, until there are as many as are wanted. */
async function readPages(audit: Pick<Audit, "list">, filter: AuditFilter): Promise<AuditEntry[]> {
  const found: AuditEntry[] = [];
  for (let beforeId: number | null | undefined; beforeId !== null && found.length < filter.limit; ) {
    const page: AuditPage = await audit.list({ ...filter, limit: filter.limit - found.length, beforeId });
    found.push(...page.entries);
    beforeId = page.next;
  }
  return found;
}

/** Epoch milliseconds; null for what is no time. */
function timeOf(text: string, now: number): number | null {
  const [, amount, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (amount !== undefined) return now - Number(amount) * { m: 60_000, h: 3_600_000, d: 86_400_000 }[unit!]!;
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

function text({ terminal }: ManageContext, entries: readonly AuditEntry[]): string {
  if (entries.length === 0) return { zh: "没有记录。", en: "Nothing." }[terminal.language];
  return entries.map(line).join("\n");
}

function line(entry: AuditEntry): string {
  const { at, actor, action, targetKind, targetId, target, before, after } = entry;
  const behalf = behalfOf(entry);
  const time = new Date(at).toISOString().slice(0, 19);
  const about = target === "" ? "" : `  ${targetKind} #${targetId} ${target}`;
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changes = fields.map((field) => {
    const [old, now] = [before[field], after[field]].map((value) => JSON.stringify(value));
    return old === undefined ? `${field}=${now}` : `${field}: ${old} → ${now ?? "-"}`;
  });
  return `${time}  ${action}${about}  ${actor.name}${behalf === null ? "" : ` for #${behalf.id} ${behalf.username}`}  ${changes.join(", ")}`;
}
