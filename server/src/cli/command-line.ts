import { resolve } from "node:path";
import type { Source } from "../config/config.ts";
import { ToldError } from "../errors/told-error.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Command } from "./command/command.ts";
import type { HostProcess, Shell } from "./command/contexts.ts";
import { exitCodes } from "./command/exit-codes.ts";
import { asCalled, commandHelp, overview, usageOf } from "./command/help.ts";
import { isHelpAsked, readInput } from "./command/read-input.ts";
import { allCommands, findCommand } from "./commands.ts";
import { toldText } from "./failure.ts";
import { type Openers, openContext } from "./open-context.ts";
import { UsageError } from "./terminal/read-arguments.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** What the command line works with: of this process, or of a test. */
export interface CommandLineParts extends Openers {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly host: HostProcess;
  /** The environment over `.env`. Read for a call that was understood, never for help. */
  readonly readSource: () => Source;
  /** Throws a ToldError where the settings in force are not those of the service that is installed here. */
  readonly refuseBeside: (source: Source, line: readonly string[]) => void;
  /** Where the person stands: the files they name are seen from there. */
  readonly folder: string;
  /** How whoever installed it calls the command line; npm is meant without. */
  readonly calledAs?: string | undefined;
}

/**
 * Runs one call and returns its exit code, see exit-codes.ts. Help and what can't be understood touch neither settings
 * nor data. Throws what has no sentence for the person, and every failure of a command that stays.
 */
export async function runCommandLine(line: readonly string[], parts: CommandLineParts): Promise<number> {
  const { terminal, calledAs } = parts;
  const [name = "start", ...args] = line;
  if (["help", "--help", "-h"].includes(name)) {
    const about = await findCommand(args[0] ?? "");
    terminal.print(
      about === null
        ? overview(await allCommands(), terminal.language, calledAs)
        : commandHelp(about, terminal.language, calledAs),
    );
    return exitCodes.done;
  }
  const command = await findCommand(name);
  if (command === null) {
    const unknown = { zh: `没有“${name}”这个命令。`, en: `Unknown command "${name}".` }[terminal.language];
    terminal.note(`${unknown}\n\n${overview(await allCommands(), terminal.language, calledAs)}`);
    return exitCodes.usage;
  }
  if (isHelpAsked(args)) {
    terminal.print(commandHelp(command, terminal.language, calledAs));
    return exitCodes.done;
  }
  return execute(command, [name, ...args], parts);
}

async function execute(command: Command, line: readonly string[], parts: CommandLineParts): Promise<number> {
  const { terminal, host } = parts;
  try {
    const input = readInput(command, line.slice(1));
    if (command.group === "project" && parts.calledAs !== undefined) refuseTool(command.name);
    const given = parts.readSource();
    if (command.group !== "project") parts.refuseBeside(given, line);
    const source = command.settings?.(given, input) ?? given;
    // By way of an orderly exit, so that what a command must not leave behind is removed.
    const stays = command.stays || (input.verb !== "" && input.verb === command.stayingVerb);
    if (!stays && !command.passesOn) host.onSignal(host.exit);
    const shell: Shell = {
      ...{ source, terminal, host, clock: parts.clock },
      path: (file) => resolve(parts.folder, file),
    };
    const { context, close } = await openContext(command, shell, parts);
    return await command.run(context, input).finally(close);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.note(`${error[terminal.language]}\n${usageOf(command, terminal.language, parts.calledAs)}`);
      return exitCodes.usage;
    }
    const told = toldText(error, terminal.language);
    // One that stays may have begun to listen, and would not end by itself.
    if (told === null || command.stays) throw error;
    terminal.note(asCalled(told, parts.calledAs));
    return exitCodes.failed;
  }
}

/** Attack and accident: soak, bench and the tests would have the service's key and fill its database and its Redis. */
function refuseTool(name: string): never {
  throw new ToldError(
    `${name} 是开发工具，不能在安装好的产品上运行：请在源码目录中用 npm 运行。`,
    `${name} is a tool of development and doesn't run on what is installed: run it by npm in a checkout.`,
  );
}
