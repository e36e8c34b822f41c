import type { ParseArgsOptionsConfig } from "node:util";
import type { Command, Input } from "../server/src/cli/command/command.ts";
import { commandHelp } from "../server/src/cli/command/help.ts";
import { isHelpAsked, readInput } from "../server/src/cli/command/read-input.ts";
import { projectCommands } from "../server/src/cli/project-commands.ts";
import { readArguments, UsageError, usageLine } from "../server/src/cli/terminal/read-arguments.ts";
import type { ToolName, toolOptions } from "../server/src/cli/tool-options.ts";

/**
 * What was typed after a tool's name, such as `npm run soak -- --minutes 3`, by the tool's entry in the command table.
 * `--help` prints the table's help in both languages and ends with 0; what can't be understood is one sentence in both
 * languages, before anything was begun, and ends with 2.
 */
export function readTool<Name extends ToolName>(name: Name): Input<(typeof toolOptions)[Name]> {
  const command = projectCommands.find((one) => one.name === name) as Command;
  const args = process.argv.slice(2);
  if (isHelpAsked(args)) printHelp(`${commandHelp(command, "en")}\n\n${commandHelp(command, "zh")}`);
  const { passesOn: _, ...readHere } = command;
  return understood(() => readInput(readHere, args)) as Input<(typeof toolOptions)[Name]>;
}

/** The flags of a program that is in no table. */
export function readOptions<const Options extends ParseArgsOptionsConfig>(usage: string, options: Options) {
  const args = process.argv.slice(2);
  if (isHelpAsked(args)) printHelp(usage.trim());
  return understood(() => readArguments(args, options).values);
}

function printHelp(text: string): never {
  process.stdout.write(`${text}\n`);
  process.exit(0);
}

function understood<Read>(read: () => Read): Read {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return refuseOptions(error.zh, error.en);
  }
}

export function refuseOptions(zh: string, en: string): never {
  process.stderr.write(usageLine({ zh, en }));
  process.exit(2);
}

/** The value of a flag as a number above 0, or the refusal. */
export function readAmount(flag: string, text: string, { whole }: { whole: boolean }): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value) && (!whole || Number.isInteger(value))) return value;
  const what = whole
    ? { zh: "大于 0 的整数", en: "a whole number above 0" }
    : { zh: "大于 0 的数", en: "a number above 0" };
  return refuseOptions(`${flag} 请写${what.zh}。`, `${flag} must be ${what.en}.`);
}
