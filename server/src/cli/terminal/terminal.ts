import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { ReadStream, WriteStream } from "node:tty";
import { ToldError } from "../../errors/told-error.ts";
import { UsageError } from "./read-arguments.ts";

/** Where a command reads and writes; tests put their own here. */
export interface Terminal {
  readonly isInteractive: boolean;
  readonly language: "zh" | "en";
  /** A line of the result. */
  print(text: string): void;
  /** A line beside the result: questions, warnings, progress. */
  note(text: string): void;
  /** Whether `progress` shows anything. */
  readonly redraws: boolean;
  /** Redraws one line on a terminal; nothing elsewhere. An empty text ends it. */
  progress(text: string): void;
  ask(question: string): Promise<string>;
  /** As `ask`, without showing what is typed. */
  askSecret(question: string): Promise<string>;
  /** The first line of standard input, for --password-stdin. */
  readLine(): Promise<string>;
}

/** What the command could not do, and why. Exit code 1. */
export class CommandFailure extends ToldError {}

export interface TerminalStreams {
  readonly input: ReadStream | NodeJS.ReadableStream;
  readonly output: WriteStream | NodeJS.WritableStream;
  readonly errors: WriteStream | NodeJS.WritableStream;
}

/**
 * What a terminal is given: without control characters but line ends and tabs (attack: a name in an imported database
 * that moves the cursor, sets the title or pretends to be another line). A file or a pipe gets the text as it is.
 */
function shownOn(stream: WriteStream | NodeJS.WritableStream, text: string): string {
  if (!("isTTY" in stream && stream.isTTY)) return text;
  return text.replace(/[^\P{Cc}\n\t]/gu, "\ufffd");
}

export function createTerminal(streams: TerminalStreams, language: "zh" | "en"): Terminal {
  const { input, output, errors } = streams;
  const isInteractive =
    "isTTY" in input && input.isTTY === true && "isTTY" in errors && errors.isTTY === true;

  const redraws = "isTTY" in errors && errors.isTTY === true;

  /** Lines that came in one piece with the answer, as pasted ones do; and the beginning of the next. */
  const typedAhead: string[] = [];
  let begun = "";

  function ask(question: string, hidden: boolean): Promise<string> {
    if (!isInteractive) {
      throw new UsageError(
        "非交互环境，请用参数给出。",
        "There is nobody to ask: give the values by flags, a password with --password-stdin.",
      );
    }
    const ready = typedAhead.shift();
    if (ready !== undefined) {
      errors.write(`${question}${hidden ? "" : ready}\n`);
      return Promise.resolve(ready);
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
      const answers: string[] = [];
      errors.write(question);
      if (begun !== "") lines.write(begun);
      begun = "";
      lines.on("line", (line) => {
        if (answers.push(line) > 1) return;
        // After everything that came with it has been told apart into lines.
        setImmediate(() => {
          begun = lines.line;
          lines.close();
        });
      });
      lines.once("SIGINT", () => lines.close());
      // Also the end of the input (Ctrl-D), after which no line comes: it must not look like success.
      lines.once("close", () => {
        const [answer, ...more] = answers;
        if (hidden || answer === undefined) errors.write("\n");
        typedAhead.push(...more);
        if (answer === undefined) reject(new CommandFailure("已取消。", "Cancelled."));
        else resolve(answer);
      });
    });
  }

  return {
    ...{ isInteractive, language, redraws },
    print: (text) => void output.write(`${shownOn(output, text)}\n`),
    note: (text) => void errors.write(`${shownOn(errors, text)}\n`),
    progress(text) {
      if (redraws) errors.write(text === "" ? "\n" : `\r\x1b[K${text}`);
    },
    ask: (question) => ask(question, false),
    askSecret: (question) => ask(question, true),
    async readLine() {
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of input) {
        const bytes = Buffer.from(chunk);
        chunks.push(bytes);
        length += bytes.length;
        if (bytes.includes("\n") || length > 10_000) break;
      }
      return Buffer.concat(chunks).toString("utf8").split(/\r?\n/)[0] ?? "";
    },
  };
}
