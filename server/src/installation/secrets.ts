import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, configProblem } from "../errors/config-problem.ts";
import { SettingProblem } from "../errors/setting-problem.ts";
import { randomToken } from "../kernel/ids.ts";

/**
 * The SECRET_KEY of a development set-up: made on the first start, kept in DATA_DIR/secret-key, mode 0600.
 * Written to a temporary file and linked into place, so that a start that was killed leaves no half key and
 * of two starts at once one wins and both use its key. `whenMade` is called by the one that wins.
 */
export function readOrMakeSecretKey(dataDir: string, whenMade: () => void = () => {}): string {
  const file = join(dataDir, "secret-key");
  const known = read(file);
  if (known) return longEnough(known, file);
  const temporary = join(dataDir, `.secret-key-${randomToken(6)}`);
  writeKey(temporary, randomToken(48));
  try {
    if (known === "") rmSync(file, { force: true });
    linkSync(temporary, file);
    whenMade();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  return longEnough(readFileSync(file, "utf8").trim(), file);
}

/** Keeps a key that was elsewhere till now, such as in a backup. A key that is there stays: then it throws EEXIST. */
export function keepSecretKey(dataDir: string, secretKey: string): void {
  writeKey(join(dataDir, "secret-key"), secretKey);
}

function writeKey(file: string, secretKey: string): void {
  const descriptor = openSync(file, "wx", 0o600);
  try {
    writeSync(descriptor, `${secretKey}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** As much as is asked of SECRET_KEY: HS256 with a shorter key can be guessed off line (RFC 7518 section 3.2). */
function longEnough(key: string, file: string): string {
  if (Buffer.byteLength(key) >= 32) return key;
  throw new ConfigError([configProblem("SECRET_KEY", new SettingProblem("secretKeyFile", { file }))]);
}

/**
 * To be told where a key was made beside a database that has been in use: the old one is lost, and with it every
 * access token and every code on its way.
 */
export function describeLostKey(dataDir: string): string {
  const file = join(dataDir, "secret-key");
  return `${file} was missing beside an existing database, and a new key was made: everybody has to log in again, unless you put the old file back and start again. 已有数据库但缺少 ${file}，已生成新的密钥：所有人都需要重新登录；放回原文件并重新启动即可恢复。`;
}

/** Whether it is the folder's own key, as opposed to one that was set. */
export function isKeptIn(dataDir: string, secretKey: string): boolean {
  return read(join(dataDir, "secret-key")) === secretKey;
}

/** The key of the data folder where it has one. Makes nothing. */
export function readSecretKey(dataDir: string): string | null {
  return read(join(dataDir, "secret-key"));
}

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
