import type { Source } from "../../config/config.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Contexts } from "./contexts.ts";

/**
 * A command as the table has it: its name, what may follow the name, its help and what it needs. Reading, help and the
 * README's table come from here, so a command can't be run by words that its help does not have.
 */

export interface Text {
  readonly zh: string;
  readonly en: string;
}

/** What a flag is, and what help says of it. */
export interface Option extends Text {
  readonly type: "boolean" | "string";
  /** What the value is, as usage shows it: `<file>`. */
  readonly value?: string | Text;
  readonly choices?: readonly string[];
  readonly default?: string;
  readonly multiple?: true;
  readonly required?: true;
  /** The verbs that it says something to, where it is not all of them. */
  readonly of?: string | readonly string[];
}

/** What follows the command's name, or one of its verbs. */
export interface Form {
  /** As usage shows them: `<one>`, `[<one or none>]`, `<one or more>…`. They are counted by this. */
  readonly words?: string | Text;
  /** It does nothing without --yes, and answers this instead. */
  readonly confirm?: Text;
}

type OptionTable = Readonly<Record<string, Option>>;

type Value<One extends Option> = One extends { readonly multiple: true }
  ? readonly string[] | undefined
  : One extends { readonly type: "boolean" }
    ? boolean
    : One extends { readonly default: string } | { readonly required: true }
      ? string
      : string | undefined;

/** What was typed, checked against the table. */
export interface Input<Options extends OptionTable = OptionTable, Verb extends string = string> {
  /** Empty for a command without verbs. */
  readonly verb: Verb;
  readonly words: readonly string[];
  readonly values: { readonly [Name in keyof Options]: Value<Options[Name]> };
  readonly json: boolean;
}

/** The chapters of help, in its order. */
export const groups = {
  run: { zh: "运行", en: "Running" },
  look: { zh: "检查与维护", en: "Looking after it" },
  people: { zh: "账号", en: "Accounts" },
  move: { zh: "迁移数据", en: "Moving data" },
  project: { zh: "仓库中的工具", en: "Tools of the repository" },
} as const;

export interface Definition<
  Needs extends keyof Contexts = keyof Contexts,
  Options extends OptionTable = OptionTable,
  Verb extends string = string,
> extends Text,
    Form {
  readonly name: string;
  readonly group: keyof typeof groups;
  /** What is opened before it runs, and closed after it. */
  readonly needs: Needs;
  readonly verbs?: Readonly<Record<Verb, Form & Partial<Text>>>;
  /** The verb of a call without words. */
  readonly defaultVerb?: NoInfer<Verb>;
  readonly options?: Options;
  /** Whether it has --json: the result as one line for programs. */
  readonly json?: true;
  /** Longer help: examples, traps. */
  readonly details?: Text;
  /** Whether it may make the database; others that need one refuse where there is none. */
  readonly makesDatabase?: true;
  /** Whether it runs until it is stopped; it heeds signals itself, and ends with 0 after an orderly stop. */
  readonly stays?: true;
  /** The one verb that does, of a command whose others end by themselves. */
  readonly stayingVerb?: string;
  /** Whether its arguments are for a program of its own: they come as words, unread. */
  readonly passesOn?: true;
  /** Whether `npm run <name>` is short for `npm run manage -- <name>`. */
  readonly npmScript?: true;
  /** The settings as an option changes them. */
  settings?(source: Source, input: Input<Options, Verb>): Source;
  /** Throws a UsageError for what the table can't say. Nothing has been read, opened or made by then. */
  check?(input: Input<Options, Verb>): void;
  /** Returns the exit code, see exit-codes.ts. Throws ToldError, AppError. */
  run(context: Contexts[Needs], input: Input<Options, Verb>): Promise<number>;
}

/** A definition whatever its options: what the table holds. */
export type Command = Definition;

/** Checks a definition against itself: `run` gets the values that its options have, and what it says that it needs. */
export function defineCommand<
  Needs extends keyof Contexts,
  const Options extends OptionTable,
  const Verb extends string,
>(definition: Definition<Needs, Options, Verb>): Command {
  // The table calls it with what readInput made of this same definition, and openContext of its needs.
  return definition as unknown as Command;
}

/** The result as JSON with --json, as text otherwise. */
export function show(terminal: Terminal, asJson: boolean, value: object, text: string): void {
  terminal.print(asJson ? JSON.stringify(value) : text);
}
