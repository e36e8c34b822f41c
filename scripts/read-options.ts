import type { ParseArgsOptionsConfig } from "node:util";
import { readArguments, UsageError, usageLine } from "../server/src/cli/terminal/read-arguments.ts";

/**
 * The flags of the project's own commands, such as `npm run soak`. `--help` prints the usage and ends with 0; what
 * can't be understood is one sentence in both languages, before anything was begun, and ends with 2.
 */
export function readOptions<const Options extends ParseArgsOptionsConfig>(usage: string, options: Options) {
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(`${usage.trim()}\n`);
    process.exit(0);
  }
  try {
    return readArguments(args, options).values;
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
