import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { ReadStream, WriteStream } from "node:tty";

/** Where a command reads and writes; tests put their own here. */
export interface Terminal {
  readonly isInteractive: boolean;
  readonly language: "zh" | "en";
  /** A line of the result. */
  print(text: string): void;
  /** A line beside the result: questions, warnings, progress. */
  note(text: string): void;
  /** Redraws one line on a terminal; nothing elsewhere. An empty text ends it. */
  progress(text: string): void;
  ask(question: string): Promise<string>;
  /** As `ask`, without showing what is typed. */
  askSecret(question: string): Promise<string>;
  /** The first line of standard input, for --password-stdin. */
  readLine(): Promise<string>;
}

/** A mistake in how a command was called; its message is for the person at the keyboard. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What the command could not do; its message says why. Exit code 1. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
}

export interface TerminalStreams {
  readonly input: ReadStream | NodeJS.ReadableStream;
  readonly output: WriteStream | NodeJS.WritableStream;
  readonly errors: WriteStream | NodeJS.WritableStream;
}

export function createTerminal(streams: TerminalStreams, language: "zh" | "en"): Terminal {
  const { input, output, errors } = streams;
  const isInteractive =
    "isTTY" in input && input.isTTY === true && "isTTY" in errors && errors.isTTY === true;

  function ask(question: string, hidden: boolean): Promise<string> {
    if (!isInteractive) {
      throw new UsageError("There is nobody to ask: give the values by flags. 非交互环境，请用参数给出。");
    }
    // readline echoes what is typed through its output; a secret's goes nowhere.
    const shown = new Writable({
      write: (chunk, _encoding, done) => {
        if (!hidden) errors.write(chunk);
        done();
      },
    });
    return new Promise((resolve, reject) => {
      const lines = createInterface({ input, output: shown, terminal: true });
      errors.write(question);
      lines.once("line", (line) => {
        lines.close();
        if (hidden) errors.write("\n");
        resolve(line);
      });
      lines.once("SIGINT", () => {
        lines.close();
        errors.write("\n");
        reject(new CommandFailure("Cancelled. 已取消。"));
      });
    });
  }

  return {
    isInteractive,
    language,
    print: (text) => void output.write(`${text}\n`),
    note: (text) => void errors.write(`${text}\n`),
    progress(text) {
      if ("isTTY" in errors && errors.isTTY) errors.write(text === "" ? "\n" : `\r\x1b[K${text}`);
    },
    ask: (question) => ask(question, false),
    askSecret: (question) => ask(question, true),
    async readLine() {
      let text = "";
      for await (const chunk of input) {
        text += String(chunk);
        if (text.includes("\n") || text.length > 10_000) break;
      }
      return text.split(/\r?\n/)[0] ?? "";
    },
  };
}
