import { userInfo } from "node:os";
import { resolve } from "node:path";
import { createUsers } from "../../accounts/users.ts";
import { createAudit } from "../../audit/audit.ts";
import type { Config, Source } from "../../config/config.ts";
import type { Database } from "../../engines/database/database.ts";
import { databaseLine, requireSchema } from "../../engines/database/database-in-use.ts";
import { migrate } from "../../engines/database/migrate.ts";
import { refuseUnfinishedMove } from "../../engines/database/move-target.ts";
import { explained } from "../../engines/database/postgres-trouble.ts";
import { errorCodes, fieldCodes } from "../../errors/error-codes.ts";
import { AppError, type ErrorParameters } from "../../errors/errors.ts";
import { ToldError } from "../../errors/told-error.ts";
import type { Clock } from "../../kernel/clock.ts";
import { createPasswords } from "../../passwords/passwords.ts";
import { createGroups } from "../../permissions/groups.ts";
import { createPermissions } from "../../permissions/permissions.ts";
import { UsageError } from "../terminal/read-arguments.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { checkConfig } from "./check-config-command.ts";
import type { Command, ManageContext } from "./command.ts";
import { exportCommand, importCommand } from "./django-commands.ts";
import { doctor } from "./doctor-command.ts";
import { group } from "./group-commands.ts";
import { installation } from "./installation-command.ts";
import { tokens } from "./token-commands.ts";
import { changePassword, createSuperuser, user } from "./user-commands.ts";

/**
 * The management commands, the counterpart of Django's manage.py. Exit codes: 0 done, 1 not done (the reason
 * is on standard error), 2 not understood. Results go to standard output, everything else beside it.
 */
export const manageCommands: Readonly<Record<string, Command>> = {
  createsuperuser: createSuperuser,
  changepassword: changePassword,
  user,
  group,
  "import-django": importCommand,
  "export-django": exportCommand,
  "check-config": checkConfig,
  doctor,
  installation,
  tokens,
};

export interface ManageParts {
  readonly source: Source;
  /**
   * Read when a command asks for it: not for --help, nor for check-config, which says what is wrong with it. Throws a
   * ToldError where `use` needs a database and there is none.
   */
  readonly loadConfig: (use: DatabaseUse) => Promise<Config & { readonly secretKey: string }>;
  readonly clock: Clock;
  readonly terminal: Terminal;
  /** Where the person stands: the files they name are seen from there. */
  readonly folder: string;
  readonly openDatabase: (config: Config) => Database;
}

/** "look": makes nothing, and needs nothing to be there. */
export type DatabaseUse = "make" | "existing" | "look";

/** Runs one command and returns the exit code. */
export async function runManage(name: string, args: readonly string[], parts: ManageParts): Promise<number> {
  const { terminal, clock, source } = parts;
  const command = manageCommands[name]!;
  if (args.includes("--help") || args.includes("-h")) {
    terminal.print(helpOf(command, terminal.language));
    return 0;
  }
  let db: Database | null = null;
  try {
    if (command.runOnSource) return await command.runOnSource({ source, terminal }, args);
    if (command.runAlone) {
      return await command.runAlone({ config: await parts.loadConfig("look"), clock, terminal }, args);
    }
    const config = await parts.loadConfig(command.makesDatabase ? "make" : "existing");
    if (command.makesDatabase) terminal.note(databaseLine(config));
    const opened = parts.openDatabase(config);
    db = opened;
    const permissions = createPermissions({ db });
    await explained(config, async () => {
      if (!command.makesDatabase) await requireSchema(config, opened);
      await refuseUnfinishedMove(opened);
      await migrate(opened, clock);
      await permissions.declare();
    });
    const context: ManageContext = {
      config,
      db,
      clock,
      terminal,
      path: (name) => resolve(parts.folder, name),
      permissions,
      users: createUsers({ db, clock }),
      passwords: createPasswords({ hashers: config.passwordHashers }),
      groups: createGroups({ db }),
      audit: createAudit({ db, clock }),
      actor: { id: null, name: `${source.MEIDUO_CALLED_BY ?? personHere()} (manage)`, requestId: null },
    };
    return await command.run!(context, args);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.note(`${error[terminal.language]}\n\n${helpOf(command, terminal.language)}`);
      return 2;
    }
    if (error instanceof ToldError) terminal.note(error[terminal.language]);
    else if (error instanceof AppError && error.code !== "unavailable")
      terminal.note(textOf(error, terminal.language));
    else throw error;
    return 1;
  } finally {
    await db?.close();
  }
}

/** A container may run under a number that has no name. */
function personHere(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}

/** What `--help` prints for all commands. */
export function manageHelp(language: "zh" | "en"): string {
  const lines = Object.values(manageCommands).map(
    (command) => `  ${command.usage}\n      ${command[language]}`,
  );
  return [...lines, "", exitCodes[language]].join("\n");
}

const exitCodes = {
  zh: "退出码：0 完成，1 未完成（原因在标准错误中），2 命令写法有误。结果在标准输出中，--json 时为一行 JSON。\nnpx meiduo <命令> 与 npm run manage -- <命令> 相同。",
  en: "Exit codes: 0 done, 1 not done (standard error says why), 2 not understood. The result is on standard output, with --json one line of JSON.\nnpx meiduo <command> is the same as npm run manage -- <command>.",
} as const;

function helpOf(command: Command, language: "zh" | "en"): string {
  const details = command.details === undefined ? [] : ["", command.details[language]];
  return [
    `npm run manage -- ${command.usage}`,
    "",
    command[language],
    ...details,
    "",
    exitCodes[language],
  ].join("\n");
}

function textOf(error: AppError, language: "zh" | "en"): string {
  const fill = (text: string, parameters: ErrorParameters = {}) =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => String(parameters[name] ?? ""));
  if (error.fields.length === 0) return fill(errorCodes[error.code][language], error.parameters);
  return error.fields
    .map(({ field, code, parameters }) => `${field}: ${fill(fieldCodes[code][language], parameters)}`)
    .join("\n");
}
