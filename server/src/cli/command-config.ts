import { statSync } from "node:fs";
import { join } from "node:path";
import { type Config, readConfig, type Source } from "../config/config.ts";
import { requireDatabaseFile } from "../engines/database/database-in-use.ts";
import { describeLostKey, readOrMakeSecretKey, readSecretKey } from "../installation/secrets.ts";
import { randomToken } from "../kernel/ids.ts";
import { createLog } from "../kernel/log.ts";
import { makeFolder } from "../kernel/make-folder.ts";
import type { KeyedConfig } from "./command/contexts.ts";

/** The settings, checked, with ports found for those that are 0. Throws ConfigError with every problem. Makes nothing. */
export async function loadConfig(source: Source): Promise<Config> {
  const { withFreePorts } = await import("./run/free-ports.ts");
  return readConfig(await withFreePorts(source));
}

/** "look": makes nothing, and needs nothing to be there. "existing": refuses where there is no database. */
export type DatabaseUse = "make" | "existing" | "look";

/**
 * What was read with its key, and for "make" and "existing" the folders that it names. Nothing is read anew: what was
 * looked at and judged is what runs. Throws ToldError where `use` needs a database and there is none.
 */
export function completeConfig(config: Config, use: DatabaseUse): KeyedConfig {
  if (use === "look") {
    // Where there is no key yet, one as the first start makes it.
    const secretKey = config.secretKey ?? readSecretKey(config.dataDir) ?? randomToken(48);
    return Object.freeze({ ...config, secretKey });
  }
  if (use === "existing") requireDatabaseFile(config);
  const needsFolder = config.secretKey === null || config.database.engine === "sqlite";
  if (needsFolder) {
    makeFolder(config.dataDir, 0o700);
    if (config.database.engine === "sqlite") makeFolder(join(config.database.file, ".."));
  }
  return Object.freeze({ ...config, secretKey: config.secretKey ?? ownSecretKey(config) });
}

/** The key of the data folder. One that had to be made for a database in use is reported, beside any result. */
function ownSecretKey({ database, dataDir, logLevel }: Config): string {
  // Looked at before: another start on the same empty folder may have its database by the time the key is made.
  const isUsed =
    database.engine === "sqlite" && (statSync(database.file, { throwIfNoEntry: false })?.size ?? 0) > 0;
  return readOrMakeSecretKey(dataDir, () => {
    if (isUsed) createLog(logLevel, process.stderr).warn(describeLostKey(dataDir));
  });
}
