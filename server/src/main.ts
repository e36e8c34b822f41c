import { enableCompileCache } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { openDatabase } from "./app/engines.ts";
import { signalCodes } from "./cli/command/exit-codes.ts";
import { asCalled } from "./cli/command/help.ts";
import { completeConfig, loadConfig } from "./cli/command-config.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { failureText } from "./cli/failure.ts";
import { createTerminal } from "./cli/terminal/terminal.ts";
import type { Source } from "./config/config.ts";
import { readEnvFile } from "./config/env-file.ts";
import { findInstalledService, refuseBeside } from "./config/installed-service.ts";
import { withoutServiceLinks } from "./config/service-links.ts";
import { systemClock } from "./kernel/clock.ts";
import { threadPoolSize } from "./process/hash-concurrency.ts";
import { onLauncherLost } from "./process/launcher.mjs";

/** The product's process: the only reader of process.env, argv and signals. What it does is in cli/. */

/** Compiled modules are kept for the next start (measured: a third of its time). A folder of ours, not /tmp. */
const compileCache = fileURLToPath(new URL("../../node_modules/.cache/compiled", import.meta.url));

/** Of what a command says to the person at the terminal, as their system is set. */
function languageOf({ LC_ALL, LC_MESSAGES, LANG }: Source): "zh" | "en" {
  return /^zh/i.test(LC_ALL || LC_MESSAGES || LANG || "") ? "zh" : "en";
}

/** The environment over `.env` in the working directory. */
function readSource(): Source {
  const source = { ...readEnvFile(resolve(".env")), ...withoutServiceLinks(process.env) };
  // Before anything uses the pool, which libuv makes once. A size the operator chose stays.
  process.env.UV_THREADPOOL_SIZE ??= String(threadPoolSize(source.HASH_CONCURRENCY));
  return source;
}

function onSignal(stop: (exitCode: number) => void): void {
  for (const [signal, exitCode] of Object.entries(signalCodes)) process.on(signal, () => stop(exitCode));
}

enableCompileCache(compileCache);
const { stdin: input, stdout: output, stderr: errors, env } = process;
const language = languageOf(env);
// As if the signal that ended it had been passed on.
onLauncherLost(env, () => process.kill(process.pid, "SIGTERM"));
try {
  process.exitCode = await runCommandLine(process.argv.slice(2), {
    terminal: createTerminal({ input, output, errors }, language),
    clock: systemClock,
    host: { onSignal, exit: (exitCode) => process.exit(exitCode), environment: process.env },
    readSource,
    refuseBeside: (source, line) => refuseBeside(findInstalledService(), source, line),
    folder: env.MEIDUO_CALLED_FROM ?? process.cwd(),
    calledAs: env.MEIDUO_CALLED_AS,
    ...{ loadConfig, completeConfig, openDatabase },
  });
} catch (failure) {
  errors.write(`${asCalled(failureText(failure, language), env.MEIDUO_CALLED_AS)}\n`);
  // At once: what had begun to listen would keep the process.
  process.exit(1);
}
