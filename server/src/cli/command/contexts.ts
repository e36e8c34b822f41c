import type { Users } from "../../accounts/users.ts";
import type { Operator } from "../../admin/administrator.ts";
import type { App } from "../../app/app-interface.ts";
import type { Audit } from "../../audit/audit.ts";
import type { Config, Source } from "../../config/config.ts";
import type { Database } from "../../engines/database/database.ts";
import type { Events } from "../../events/events.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { NewPasswords } from "../../passwords/new-passwords.ts";
import type { Passwords } from "../../passwords/passwords.ts";
import type { Groups } from "../../permissions/groups.ts";
import type { Permissions } from "../../permissions/permissions.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** What a command is given to work with, by what the table says that it needs. */
export interface Contexts {
  readonly nothing: Shell;
  readonly config: ConfigContext;
  readonly database: ManageContext;
  readonly app: AppContext;
}

export type KeyedConfig = Config & { readonly secretKey: string };

/** The process that a command runs in; main.ts lends it, tests lend their own. */
export interface HostProcess {
  /** Called with the exit code of the signal, at each SIGINT, SIGTERM and SIGHUP. */
  readonly onSignal: (stop: (exitCode: number) => void) => void;
  readonly exit: (exitCode: number) => void;
  /** Without the file `.env`; missing where nobody asks which of the two a setting is of. */
  readonly environment?: Source;
}

/** What every command has. */
export interface Shell {
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** The settings as they were given, not read yet: they may be wrong. */
  readonly source: Source;
  /** The path of a file that the person named, seen from the folder where they stand. */
  readonly path: (name: string) => string;
  readonly host: HostProcess;
}

/** With settings that were read once and found right. Nothing was made on the way. */
export interface ConfigContext extends Shell {
  /**
   * Them with the key. "look" makes nothing: where there is no key yet, one as the first start makes it. "make" makes the
   * data folder and the key where they are missing.
   */
  readonly completeConfig: (use: "look" | "make") => KeyedConfig;
}

/** The domain's services on a migrated database. */
export interface ManageContext extends Shell {
  readonly config: KeyedConfig;
  readonly db: Database;
  readonly users: Users;
  readonly passwords: Passwords;
  readonly newPasswords: NewPasswords;
  readonly permissions: Permissions;
  readonly groups: Groups;
  readonly audit: Audit;
  readonly events: Pick<Events, "record">;
  /** The person at the command line, for the audit log. */
  readonly actor: Operator;
}

/** The whole application on a database that was there, without listening. */
export interface AppContext extends Shell {
  readonly app: Pick<
    App,
    | "jobs"
    | "mailer"
    | "renderMail"
    | "audit"
    | "users"
    | "groups"
    | "invitations"
    | "services"
    | "webhooks"
    | "checkProvider"
    | "smsTrial"
    | "secondFactors"
    | "db"
  >;
  readonly config: KeyedConfig;
  /** The person at the command line, for the audit log. */
  readonly actor: Operator;
}
