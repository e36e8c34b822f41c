import { parseArgs } from "node:util";
import type { Actor, Audit } from "../audit/audit.ts";
import type { Config, Source } from "../config/config.ts";
import type { Database } from "../database/database.ts";
import type { Clock } from "../lib/clock.ts";
import type { Passwords } from "../passwords/passwords.ts";
import type { Groups } from "../permissions/groups.ts";
import type { Permissions } from "../permissions/permissions.ts";
import type { Users } from "../users/users.ts";
import { type Terminal, UsageError } from "./terminal.ts";

/** What a management command works with: the domain's services on a migrated database. */
export interface ManageContext {
  readonly config: Config & { readonly secretKey: string };
  readonly db: Database;
  readonly clock: Clock;
  readonly users: Users;
  readonly passwords: Passwords;
  readonly permissions: Permissions;
  readonly groups: Groups;
  readonly audit: Audit;
  /** The person at the command line, for the audit log. */
  readonly actor: Actor;
  readonly terminal: Terminal;
  /** The path of a file that the person named, seen from the folder where they stand. */
  readonly path: (name: string) => string;
}

export interface Command {
  /** What stands after the command's name. */
  readonly usage: string;
  readonly zh: string;
  readonly en: string;
  /** Longer help: flags and examples. */
  readonly details?: { readonly zh: string; readonly en: string };
  /** Returns the exit code. Throws UsageError, CommandFailure, AppError. */
  readonly run?: (context: ManageContext, args: readonly string[]) => Promise<number>;
  /** Instead of `run`, for a command that must work where the database doesn't. */
  readonly runAlone?: (
    context: Pick<ManageContext, "config" | "clock" | "terminal">,
    args: readonly string[],
  ) => Promise<number>;
  /** Instead of `run`, for a command that must work where the configuration doesn't. */
  readonly runOnSource?: (
    context: { readonly source: Source; readonly terminal: Terminal },
    args: readonly string[],
  ) => Promise<number>;
}

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>["options"]>;

/** parseArgs, whose complaints become usage errors. */
export function readArguments<const Flags extends Options>(
  args: readonly string[],
  options: Flags,
  positionals: { min: number; max: number } = { min: 0, max: 0 },
) {
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    const { length } = parsed.positionals;
    if (length < positionals.min || length > positionals.max) throw wrongNumber();
    return parsed;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw explainParsing(error as Error & { code?: string });
  }
}

export function wrongNumber(): UsageError {
  return new UsageError("参数个数不对。", "Wrong number of arguments.");
}

export function unknownVerb(verb: string): UsageError {
  return new UsageError(`不认识 ${verb}。`, `${verb} is none of the words that can stand here.`);
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

/** The result as JSON with --json, as text otherwise. */
export function show(terminal: Terminal, asJson: boolean | undefined, value: object, text: string): void {
  terminal.print(asJson ? JSON.stringify(value) : text);
}
