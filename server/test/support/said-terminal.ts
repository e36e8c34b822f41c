import { UsageError } from "../../src/cli/terminal/read-arguments.ts";
import type { Terminal } from "../../src/cli/terminal/terminal.ts";

/** What a command said. */
export interface Said {
  /** Its result. */
  out: string;
  /** What it said beside the result. */
  notes: string;
  /** Each state of the line that is drawn anew. */
  readonly drawn: string[];
}

/** A terminal that keeps what it is told; `answers` are what the person types, or the lines of standard input. */
export function saidTerminal(
  language: "zh" | "en",
  {
    answers = [],
    interactive = false,
    redraws = false,
  }: { answers?: string[]; interactive?: boolean; redraws?: boolean } = {},
): Terminal & { readonly said: Said } {
  const said: Said = { out: "", notes: "", drawn: [] };
  const next = async () => {
    const answer = answers.shift();
    if (!interactive || answer === undefined) throw new UsageError("没有人", "nobody to ask");
    return answer;
  };
  return {
    ...{ said, language, isInteractive: interactive, redraws },
    print: (text) => {
      said.out += `${text}\n`;
    },
    note: (text) => {
      said.notes += `${text}\n`;
    },
    progress: (text) => void said.drawn.push(text),
    ask: next,
    askSecret: next,
    readLine: async () => answers.shift() ?? "",
  };
}

/** A process that nobody stops. */
export const unstopped = { onSignal: () => {}, exit: () => {} };
