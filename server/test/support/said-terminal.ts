import { UsageError } from "../../src/cli/terminal/read-arguments.ts";
import type { Terminal } from "../../src/cli/terminal/terminal.ts";

/** What a command said. */
export interface Said {
  /** Its result. */
  out: string;
  /** What it said beside the result. */
  notes: string;
}

/** A terminal that keeps what it is told; `answers` are what the person types, or the lines of standard input. */
export function saidTerminal(
  language: "zh" | "en",
  { answers = [], interactive = false }: { answers?: string[]; interactive?: boolean } = {},
): Terminal & { readonly said: Said } {
  const said: Said = { out: "", notes: "" };
  const next = async () => {
    const answer = answers.shift();
    if (!interactive || answer === undefined) throw new UsageError("没有人", "nobody to ask");
    return answer;
  };
  return {
    ...{ said, language, isInteractive: interactive, redraws: false },
    print: (text) => {
      said.out += `${text}\n`;
    },
    note: (text) => {
      said.notes += `${text}\n`;
    },
    progress: () => {},
    ask: next,
    askSecret: next,
    readLine: async () => answers.shift() ?? "",
  };
}

/** A process that nobody stops. */
export const unstopped = { onSignal: () => {}, exit: () => {} };
