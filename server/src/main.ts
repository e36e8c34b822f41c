import { statSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { App } from "./app/app.ts";
import type { DatabaseUse } from "./cli/manage/manage.ts";
import { readRunArguments } from "./cli/run/run-arguments.ts";
import { UsageError, usageLine } from "./cli/terminal/read-arguments.ts";
import { type Config, readConfig, type Source } from "./config/config.ts";
import { readEnvFile } from "./config/env-file.ts";
import { findInstalledService, refuseBeside } from "./config/installed-service.ts";
import { withoutServiceLinks } from "./config/service-links.ts";
import { describeTutorialHosts, withTutorialHosts } from "./config/tutorial-hosts.ts";
import { databaseLine, requireDatabaseFile } from "./engines/database/database-in-use.ts";
import { ConfigError, problemLine } from "./errors/config-problem.ts";
import { ToldError } from "./errors/told-error.ts";
import { describeLostKey, readOrMakeSecretKey, readSecretKey } from "./installation/secrets.ts";
import { randomToken } from "./kernel/ids.ts";
import { createLog } from "./kernel/log.ts";
import { makeFolder } from "./kernel/make-folder.ts";
import { threadPoolSize } from "./process/hash-concurrency.ts";
import { explainStartFailure } from "./process/start-failure.ts";
import { holdStartMemory, releaseStartMemory } from "./process/start-memory.ts";

/**
 * The command line: the only reader of process.env, argv and signals. Each command is a function of the
 * configuration; their modules are loaded when asked for, so that no command waits for another's.
 */
export interface CommandContext {
  readonly loadConfig: (use: DatabaseUse) => Promise<Config & { readonly secretKey: string }>;
  readonly source: Source;
  readonly args: readonly string[];
}

const commands: Record<string, (context: CommandContext) => Promise<void>> = {
  start: async (context) => run(context, { api: true, site: true, worker: true }),
  serve: async (context) => run(context, { api: true, site: false, worker: false }),
  web: async (context) => run(context, { api: true, site: true, worker: false }),
  work: async (context) => run(context, { api: false, site: false, worker: true }),
  migrate: async ({ loadConfig, source }) => {
    const config = await loadConfig("make");
    const { migrateDatabase } = await import("./app/engines.ts");
    const { systemClock } = await import("./kernel/clock.ts");
    process.stderr.write(`${databaseLine(config)}\n`);
    const applied = await migrateDatabase(config, systemClock);
    const inChinese = languageOf(source) === "zh";
    if (applied.length === 0) print(inChinese ? "数据库已是最新。" : "The database is up to date.");
    else print(`${inChinese ? "已执行：" : "Applied: "}${applied.join(", ")}`);
  },
  jobs: async ({ loadConfig, args, source }) => {
    const { jobsCommand } = await import("./cli/jobs-command.ts");
    let app: App | null = null;
    const open = async () => {
      const config = await loadConfig("existing");
      const { migrateDatabase } = await import("./app/engines.ts");
      const { systemClock } = await import("./kernel/clock.ts");
      // Before the app, which reads tables that an older schema lacks.
      await migrateDatabase(config, systemClock, { existing: true });
      const { createApp } = await import("./app/app.ts");
      app = await createApp({ config, log: createLog("error") });
      return app.jobs;
    };
    const { text, exitCode } = await jobsCommand(open, args, languageOf(source)).finally(() => app?.close());
    print(text.trimEnd());
    process.exitCode = exitCode;
  },
  "move-data": async ({ args }) => {
    const { moveDataCommand } = await import("./cli/move-data-command.ts");
    const isTTY = process.stdout.isTTY === true;
    const write = (text: string) => void process.stdout.write(text);
    process.exitCode = await moveDataCommand(args, { isTTY, write });
  },
};

async function run(
  context: CommandContext,
  parts: { api: boolean; site: boolean; worker: boolean },
): Promise<void> {
  const { lastStopSeconds, startProduct } = await import("./cli/run/start.ts");
  const { isApiProcess, onParentLost, reportServing } = await import("./cli/run/processes.ts");
  // Before the data folder is made: a start that is refused leaves nothing behind.
  const given = isApiProcess() ? null : await context.loadConfig("look");
  if (given?.environment === "production") {
    const { refuseUnsafe } = await import("./cli/doctor/settings-checks.ts");
    refuseUnsafe(given);
  }
  const config = await context.loadConfig("make");
  const log = createLog(config.logLevel);
  const mine = isApiProcess() ? { api: true, site: false, worker: false } : parts;
  const { inheritedSockets } = await import("./cli/run/inherited-sockets.ts");
  // An API process has what was handed to the one that started it.
  const sockets = inheritedSockets(context.source, isApiProcess() ? process.ppid : process.pid);
  const running = await startProduct({ config, log }, mine, sockets);
  // After the first visitors' requests, so that nobody waits for it.
  setTimeout(releaseStartMemory, 2000).unref();
  let stopping = false;
  const stop = async () => {
    // Ctrl-C reaches this process from the terminal and again from the launcher; once is enough.
    if (stopping) return;
    stopping = true;
    const limit = isApiProcess() ? lastStopSeconds.apiProcess : lastStopSeconds.process;
    setTimeout(() => {
      log.error({}, "stopping takes too long; what is in hand is cut off");
      process.exit(1);
    }, limit * 1000);
    await running.stop();
    process.exit(0);
  };
  onParentLost(() => void stop());
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop());
  // Only now: who started this process may stop it at once, and a signal that nobody heeds cuts off who is connected.
  reportServing();
  // Last: whoever waits for it may stop the process at once.
  if (!isApiProcess()) {
    print(`${running.banner}\n  ${databaseLine(config)}`);
    const { reportReady } = await import("./process/ready-notice.ts");
    reportReady(context.source.NOTIFY_SOCKET, log);
  }
  if (!isApiProcess() && context.args.includes("--hosts")) print(`  ${await describeHosts()}`);
}

async function describeHosts(): Promise<string> {
  const { lookup } = await import("node:dns/promises");
  const lookUp = async (name: string) => (await lookup(name, { all: true })).map(({ address }) => address);
  return describeTutorialHosts(lookUp, process.platform);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Of what a command says to the person at the terminal, as their system is set. */
function languageOf(source: Source): "zh" | "en" {
  return /^zh/i.test(source.LC_ALL || source.LC_MESSAGES || source.LANG || "") ? "zh" : "en";
}

/** The environment over `.env` in the working directory. */
function readSource(): Source {
  return { ...readEnvFile(resolve(".env")), ...withoutServiceLinks(process.env) };
}

function prepare(source: Source, use: DatabaseUse): Config & { readonly secretKey: string } {
  const config = readConfig(source);
  if (use === "look") {
    // Where there is no key yet, one as the first start makes it.
    return Object.freeze({
      ...config,
      secretKey: config.secretKey ?? readSecretKey(config.dataDir) ?? randomToken(48),
    });
  }
  if (use === "existing") requireDatabaseFile(config);
  const needsFolder = config.secretKey === null || config.database.engine === "sqlite";
  if (needsFolder) {
    makeFolder(config.dataDir, 0o700);
    if (config.database.engine === "sqlite") makeFolder(join(config.database.file, ".."));
  }
  return Object.freeze({ ...config, secretKey: config.secretKey ?? ownSecretKey(config) });
}

/** The key of the data folder. One that had to be made for a database in use is told, beside any result. */
function ownSecretKey({ database, dataDir, logLevel }: Config): string {
  // Looked at before: another start on the same empty folder may have its database by the time the key is made.
  const isUsed =
    database.engine === "sqlite" && (statSync(database.file, { throwIfNoEntry: false })?.size ?? 0) > 0;
  return readOrMakeSecretKey(dataDir, () => {
    if (isUsed) createLog(logLevel, process.stderr).warn(describeLostKey(dataDir));
  });
}

/** A management command by its name; for any other word says what there is and returns null. */
async function manageCommand(name: string, source: Source) {
  const { manageCommands, manageHelp, runManage } = await import("./cli/manage/manage.ts");
  const { createTerminal } = await import("./cli/terminal/terminal.ts");
  const { stdin: input, stdout: output, stderr: errors } = process;
  const language = languageOf(source);
  if (!Object.hasOwn(manageCommands, name)) {
    const isHelp = ["help", "--help", "-h"].includes(name);
    const known = `${Object.keys(commands).join(", ")}\n\n${manageHelp(language)}\n`;
    const texts = {
      zh: `${isHelp ? "" : `没有“${name}”这个命令。`}可用的命令：${known}`,
      en: `${isHelp ? "" : `Unknown command "${name}". `}Known: ${known}`,
    };
    (isHelp ? output : errors).write(texts[language]);
    process.exitCode = isHelp ? 0 : 2;
    return null;
  }
  return async (args: readonly string[], loadConfig: CommandContext["loadConfig"]) => {
    const { openDatabase } = await import("./app/engines.ts");
    const { systemClock: clock } = await import("./kernel/clock.ts");
    const terminal = createTerminal({ input, output, errors }, language);
    // By way of an orderly exit, so that what a command must not leave behind is removed.
    for (const [signal, code] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
      ["SIGHUP", 129],
    ] as const)
      process.once(signal, () => process.exit(code));
    process.exitCode = await runManage(name, args, {
      ...{ source, loadConfig, clock, terminal, openDatabase },
      folder: source.MEIDUO_CALLED_FROM ?? process.cwd(),
    });
  };
}

/** Compiled modules are kept for the next start (measured: a third of its time). A folder of ours, not /tmp. */
const compileCache = fileURLToPath(new URL("../../node_modules/.cache/compiled", import.meta.url));

const isHelpAsked = (name: string, args: readonly string[]) =>
  [name, ...args].some((word) => ["help", "--help", "-h"].includes(word));

async function main(): Promise<void> {
  enableCompileCache(compileCache);
  holdStartMemory();
  const [name = "start", ...args] = process.argv.slice(2);
  const source = readSource();
  const asked = readRunArguments(name, args, languageOf(source));
  if (asked?.usage) return print(asked.usage);
  // Before anything uses the pool, which libuv makes once. A size the operator chose stays.
  process.env.UV_THREADPOOL_SIZE ??= String(threadPoolSize(source.HASH_CONCURRENCY));
  const isHelp = isHelpAsked(name, args);
  if (!isHelp) refuseBeside(findInstalledService(), source, [name, ...args]);
  const loadConfig = async (use: DatabaseUse) => {
    const { withFreePorts } = await import("./cli/run/start.ts");
    const settings = await withFreePorts(source);
    return prepare(asked?.hosts ? withTutorialHosts(settings) : settings, use);
  };
  if (Object.hasOwn(commands, name)) return commands[name]!({ loadConfig, source, args });
  const manage = await manageCommand(name, source);
  await manage?.(args, loadConfig);
}

main().catch((failure: unknown) => {
  // A refusal that requests get as 503 has its sentence beneath.
  const cause = failure instanceof Error ? failure.cause : null;
  const error = cause instanceof ToldError ? cause : failure;
  if (error instanceof UsageError) {
    process.stderr.write(usageLine(error));
    process.exit(2);
  }
  if (error instanceof ToldError) {
    process.stderr.write(`${error[languageOf(process.env)]}\n`);
    process.exit(1);
  }
  if (error instanceof ConfigError) {
    const lines = error.problems.map((problem) => `  ${problemLine(problem)}`);
    process.stderr.write(`The configuration has problems (配置有误):\n${lines.join("\n")}\n`);
  } else {
    process.stderr.write(`${explainStartFailure(error)}\n`);
  }
  process.exit(1);
});
