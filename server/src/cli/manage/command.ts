import type { Users } from "../../accounts/users.ts";
import type { Actor, Audit } from "../../audit/audit.ts";
import type { Config, Source } from "../../config/config.ts";
import type { Database } from "../../engines/database/database.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Passwords } from "../../passwords/passwords.ts";
import type { Groups } from "../../permissions/groups.ts";
import type { Permissions } from "../../permissions/permissions.ts";
import { UsageError } from "../terminal/read-arguments.ts";
import type { Terminal } from "../terminal/terminal.ts";

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
  /** Whether it may make the database; others refuse where there is none. */
  readonly makesDatabase?: true;
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

export function unknownVerb(verb: string): UsageError {
  return new UsageError(`不认识 ${verb}。`, `${verb} is none of the words that can stand here.`);
}

/** The result as JSON with --json, as text otherwise. */
export function show(terminal: Terminal, asJson: boolean | undefined, value: object, text: string): void {
  terminal.print(asJson ? JSON.stringify(value) : text);
}
