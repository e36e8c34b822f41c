import { resolve } from "node:path";
import { type Config, readConfig, type Source } from "../server/src/config/config.ts";
import { readEnvFile } from "../server/src/config/env-file.ts";
import { findInstalledService, refuseBeside } from "../server/src/config/installed-service.ts";
import { withoutServiceLinks } from "../server/src/config/service-links.ts";
import { ConfigError, problemLine } from "../server/src/errors/config-problem.ts";
import { ToldError } from "../server/src/errors/told-error.ts";
import { readOrMakeSecretKey } from "../server/src/installation/secrets.ts";
import { createLog } from "../server/src/kernel/log.ts";
import { makeFolder } from "../server/src/kernel/make-folder.ts";
import { explainStartFailure } from "../server/src/process/start-failure.ts";
import { freePort, isFree } from "../server/test/support/free-port.ts";

/** The settings of `npm start`, with every port known before anything starts, so that it stays over a restart. */
export interface DevSettings {
  readonly config: Config;
  /** To be set for the server beside its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly debuggerPort: number;
  /** Where the server gives the site's own answers, for Vite. */
  readonly answersPort: number;
}

/** Where debuggers look first. */
const usualDebuggerPort = 9229;

/** The environment over `.env` in the working directory, as the product reads them. */
export function readDevSource(): Source {
  return { ...readEnvFile(resolve(".env")), ...withoutServiceLinks(process.env) };
}

/**
 * Throws a ConfigError as a start would, and a ToldError where `command` must not run: in production, and beside an
 * installed service without a folder of its own, where it would make accounts in a database that nobody serves.
 */
export function readDevConfig(
  source: Source,
  command: string,
  installation = findInstalledService(),
): Config {
  refuseBeside(installation, source, null);
  const config = readConfig(source);
  if (config.environment !== "production") return config;
  throw new ToldError(
    `${command} 只用于开发，ENVIRONMENT=production 时不运行。`,
    `${command} is for development and does not run with ENVIRONMENT=production.`,
  );
}

/** What createApp takes, with the data folder and the key made as a first start makes them. Throws as readDevConfig. */
export function makeDevContext(source: Source, command: string) {
  const config = readDevConfig(source, command);
  makeFolder(config.dataDir, 0o700);
  const secretKey = config.secretKey ?? readOrMakeSecretKey(config.dataDir);
  return { config: Object.freeze({ ...config, secretKey }), log: createLog(config.logLevel) };
}

/** Throws a ConfigError as a start would, a ToldError in production, and what a start says of a port in use. */
export async function readDevSettings(source: Source): Promise<DevSettings> {
  const asked = readDevConfig(source, "npm run dev");
  const env: Record<string, string> = {};
  const fixed = { API_PORT: asked.apiPort, WEB_PORT: asked.webPort, SANDBOX_PORT: asked.oauth.sandboxPort };
  for (const [name, port] of Object.entries(fixed)) if (port === 0) env[name] = String(await freePort());
  const config = readConfig({ ...source, ...env });
  for (const port of [config.apiPort, config.webPort]) {
    if (!(await isFree(port, config.host))) throw Object.assign(new Error(), { code: "EADDRINUSE", port });
  }
  const debuggerPort = (await isFree(usualDebuggerPort)) ? usualDebuggerPort : await freePort();
  return { config, env, debuggerPort, answersPort: await freePort() };
}

/** What keeps a command of development from its work, in both languages where it was foreseen. */
export function explainDevFailure(error: unknown): string {
  if (error instanceof ToldError) return `${error.en} ${error.zh}`;
  if (!(error instanceof ConfigError)) return explainStartFailure(error);
  const lines = error.problems.map((problem) => `  ${problemLine(problem)}`);
  return `The configuration has problems (配置有误):\n${lines.join("\n")}`;
}
