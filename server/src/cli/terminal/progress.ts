import type { RowsProgress } from "../../engines/database/backup-file.ts";
import type { Terminal } from "./terminal.ts";

/**
 * How far a long command is, of every command in the same way, on standard error. On a terminal one line is drawn anew.
 * Elsewhere (cron, a pipe, a log) there is a line every ten seconds, so that a short command says nothing there and a long
 * one is not taken for dead; with --json that line is JSON: {"progress": {"step", "table", "done", "total"}}.
 */
export interface Progress {
  /** `done` of `total`, of a table where the step has several. */
  report(step: ProgressStep, done: number, total: number, table?: string): void;
  /** `report` as the engines call it. */
  readonly ofRows: RowsProgress;
  /** Ends the drawn line. To be called before anything else is printed. */
  end(): void;
}

const steps = {
  reading: { zh: "读取", en: "reading" },
  writing: { zh: "写入", en: "writing" },
  copy: { zh: "复制", en: "copy" },
  compare: { zh: "核对", en: "compare" },
} as const;

export type ProgressStep = keyof typeof steps;

const pauseMillis = 10_000;

/** `now` in milliseconds of any beginning. */
export function showProgress(
  terminal: Terminal,
  asJson: boolean,
  now: () => number = () => performance.now(),
): Progress {
  let told = now();
  let drawn = "";
  const report: Progress["report"] = (step, done, total, table) => {
    if (terminal.redraws) {
      const part = `${step} ${table} ${percentOf(done, total)}`;
      if (part !== drawn) terminal.progress(line(terminal, step, done, total, table));
      drawn = part;
    } else if (now() - told >= pauseMillis) {
      told = now();
      const progress = { step, ...(table !== undefined && { table }), done, total };
      terminal.note(asJson ? JSON.stringify({ progress }) : line(terminal, step, done, total, table));
    }
  };
  return {
    report,
    ofRows: (step, table, rows, total) => report(step, rows, total, table),
    end() {
      if (drawn !== "") terminal.progress("");
      drawn = "";
    },
  };
}

function line(
  { language }: Terminal,
  step: ProgressStep,
  done: number,
  total: number,
  table: string | undefined,
): string {
  const percent = percentOf(done, total);
  const bar = "#".repeat(Math.round((percent * 24) / 100)).padEnd(24, "-");
  const what = table === undefined ? "" : table.padEnd(22);
  return `${steps[step][language].padEnd(8)}${what} [${bar}] ${String(percent).padStart(3)}%  ${done}/${total}`;
}

/** A table may have grown since it was counted. */
function percentOf(done: number, total: number): number {
  return total === 0 ? 100 : Math.min(100, Math.floor((done * 100) / total));
}
