import { parseArgs } from "node:util";
import { ToldError } from "../../errors/told-error.ts";

/** How commands read what follows their name. A mistake is reported in both languages and never repeats a value. */

/** A mistake in how a command was called. Exit code 2. */
export class UsageError extends ToldError {}

/** The line for a mistake where nobody knows yet which language to use: both, and where the usage stands. */
export function usageLine({ zh, en }: { readonly zh: string; readonly en: string }): string {
  return `${en} See --help. ${zh}用法见 --help。\n`;
}

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>["options"]>;

/**
 * One id of 64 that this product makes begins with a dash, as a key's name does (`manage keys drop`). They have 22 characters at
 * least (kernel/ids.ts), which no option has.
 */
const idWithDash = /^-[\w-]{21,}$/;

/** parseArgs, whose complaints become usage errors. */
export function readArguments<const Flags extends Options>(
  args: readonly string[],
  options: Flags,
  positionals: { min: number; max: number } = { min: 0, max: 0 },
) {
  try {
    const isId = (arg: string) => idWithDash.test(arg) && !(arg.slice(2) in options);
    // Under a name that no option has, and back again.
    const held = args.map((arg) => (isId(arg) ? `\0${arg}` : arg));
    const parsed = parseArgs({ args: held, options, allowPositionals: true, strict: true });
    parsed.positionals = parsed.positionals.map((word) => word.replace(/^\0/, ""));
    const { length } = parsed.positionals;
    if (length < positionals.min || length > positionals.max) {
      throw new UsageError("参数个数不对。", "Wrong number of arguments.");
    }
    return parsed;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw explainParsing(error as Error & { code?: string });
  }
}

function explainParsing({ code, message }: Error & { code?: string }): UsageError {
  const option = /'(-[^'= <]*)/.exec(message)?.[1] ?? "";
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    return new UsageError(`没有 ${option} 这个选项。`, `There is no option ${option}.`);
  }
  if (code === "ERR_PARSE_ARGS_INVALID_OPTION_VALUE") {
    return new UsageError(
      `选项 ${option} 缺少值，或不该有值。`,
      `The option ${option} lacks its value, or takes none.`,
    );
  }
  return new UsageError(message, message);
}
