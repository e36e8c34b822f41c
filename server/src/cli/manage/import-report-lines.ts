import { closeSync, writeSync } from "node:fs";
import {
  type Finding,
  type FindingKind,
  findingKinds,
  type Tally,
} from "../../django/sources/import-report.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** Findings of one kind that are printed; the rest is counted, and whole in --report. */
const printedPerKind = 20;

/** Counts findings, keeps the first of each kind for printing, and writes all to the report's file. */
export function createReporter(terminal: Terminal, descriptor: number | null) {
  const first = new Map<FindingKind, Finding[]>();
  const counts = new Map<FindingKind, number>();
  return {
    note(finding: Finding): void {
      const { kind } = finding;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      const kept = first.get(kind) ?? [];
      if (kept.length < printedPerKind) first.set(kind, [...kept, finding]);
      if (descriptor !== null) writeSync(descriptor, `${JSON.stringify(finding)}\n`);
    },
    *lines(): Generator<string> {
      for (const [kind, findings] of first) {
        yield `\n${kind} (${counts.get(kind)}): ${findingKinds[kind][terminal.language]}`;
        for (const { table, id, name, detail } of findings) {
          yield `  ${table} #${id} ${name}${detail === "" ? "" : `: ${detail}`}`;
        }
        const more = counts.get(kind)! - findings.length;
        if (more > 0)
          yield terminal.language === "zh"
            ? `  另有 ${more} 条（见 --report）`
            : `  and ${more} more (see --report)`;
      }
    },
    close: () => {
      if (descriptor !== null) closeSync(descriptor);
    },
  };
}

/** What an import did or would do, in totals. */
export function summary(
  { language }: Terminal,
  report: {
    dryRun: boolean;
    source: string;
    users: Tally;
    groups: Tally;
    bindings: Tally;
    permissions: Tally;
  },
): string[] {
  const zh = language === "zh";
  const row = (name: string, { read, imported, already, refused }: Tally) =>
    zh
      ? `  ${name}：读取 ${read}，${report.dryRun ? "将导入" : "已导入"} ${imported}，原已存在 ${already}，未导入 ${refused}`
      : `  ${name}: ${read} read, ${imported} ${report.dryRun ? "to import" : "imported"}, ${already} here already, ${refused} refused`;
  const names = zh
    ? (["账号", "用户组", "权限", "第三方绑定"] as const)
    : (["accounts", "groups", "permissions", "bindings"] as const);
  const { users, groups, permissions, bindings } = report;
  const rows = [users, groups, permissions, bindings].map((tally, index) => row(names[index]!, tally));
  const end = zh
    ? "以上为演练，没有写入任何内容；加 --apply 正式导入。"
    : "This was a dry run: nothing was written. Add --apply to import.";
  return ["", report.source, ...rows, ...(report.dryRun ? [end] : [])];
}
