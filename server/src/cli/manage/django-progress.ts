import type { Terminal } from "../terminal/terminal.ts";

export type Step = "reading" | "writing";

/** Shows how far a long command is. */
export function showProgress(terminal: Terminal, step: Step, done: number, total: number): void {
  terminal.progress(bar(terminal, step, done, total));
}

function bar({ language }: Terminal, step: Step, done: number, total: number): string {
  const share = total === 0 ? 1 : done / total;
  const filled = Math.round(share * 30);
  const names = { reading: { zh: "读取", en: "reading" }, writing: { zh: "写入", en: "writing" } };
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `${names[step][language]} [${"#".repeat(filled)}${"·".repeat(30 - filled)}] ${percent} % ${done}/${total}`;
}
