import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ToldError } from "../errors/told-error.ts";
import { withoutLogIn } from "../kernel/settings/variable.ts";
import type { Source } from "./config.ts";
import { readUnit, type Unit } from "./systemd-unit.ts";

/**
 * The product as docs/scaling.md installs it under systemd, found by its unit. Attack and accident this guards against:
 * a management command run by hand reads neither the unit's variables nor /etc/meiduo-accounts.env, so it would work on
 * an empty database of its own, make its superuser there, and report that all is well.
 */
export interface InstalledService {
  /** Null where only /etc/meiduo-accounts.env is there. */
  readonly unit: Unit | null;
}

const unitName = "meiduo-accounts-web.service";
const wrapper = "/usr/local/sbin/meiduo-accounts";

/** Where systemd looks for units (systemd.unit(5)); of files with the same name the first one counts. */
const unitFolders = [
  "etc/systemd/system",
  "run/systemd/system",
  "usr/local/lib/systemd/system",
  "usr/lib/systemd/system",
  "lib/systemd/system",
];

/** Null on a machine without one. `root` is another folder in tests. */
export function findInstalledService(root = "/"): InstalledService | null {
  const folders = unitFolders.map((folder) => join(root, folder));
  const file = folders.map((folder) => join(folder, unitName)).find(existsSync);
  if (file === undefined) return existsSync(join(root, "etc/meiduo-accounts.env")) ? { unit: null } : null;
  const dropIns = new Map<string, string>();
  for (const folder of folders.map((one) => join(one, `${unitName}.d`)).filter(existsSync)) {
    for (const name of readdirSync(folder)) {
      if (name.endsWith(".conf") && !dropIns.has(name)) dropIns.set(name, join(folder, name));
    }
  }
  const files = [file, ...[...dropIns.keys()].sort().map((name) => dropIns.get(name)!)];
  return { unit: readUnit(files.map((one) => readFileSync(one, "utf8"))) };
}

const servers = ["start", "serve", "web", "work"];

/**
 * Throws where the installation's settings are not those in force and no others were chosen: DATA_DIR is what a set-up
 * beside it has. What was typed is repeated as the line to run, without the log-in of an address in it; null is for a
 * tool of development, which the service never runs.
 */
export function refuseBeside(
  installation: InstalledService | null,
  source: Source,
  line: readonly string[] | null,
): void {
  if (installation === null) return;
  const environment = installation.unit?.environment ?? { ENVIRONMENT: "production" };
  const isInForce = ["DATA_DIR", "ENVIRONMENT"].every(
    (name) => environment[name] === undefined || source[name] === environment[name],
  );
  const own = source.DATA_DIR?.trim() ?? "";
  const isAnother = own !== "" && resolve(own) !== resolve(environment.DATA_DIR ?? "/");
  if (isInForce || isAnother) return;
  if (line === null) {
    throw new ToldError(
      "本机已安装为服务，而当前命令没有使用它的设置，会操作另一个数据库：请设置 DATA_DIR，另建一套用于开发。",
      "The product is installed on this machine as a service, and this command, without the service's settings, would work on another database: set DATA_DIR for a set-up of its own to develop with.",
    );
  }
  const typed = line.map((word) => quoted(withoutLogIn(word))).join(" ");
  const run = servers.includes(line[0] ?? "")
    ? "sudo systemctl restart meiduo-accounts-web meiduo-accounts-work"
    : `sudo ${existsSync(wrapper) ? "meiduo-accounts" : `${installation.unit?.folder ?? "/opt/meiduo-accounts"}/deploy/systemd/meiduo-accounts`} ${typed}`;
  throw new ToldError(
    `本机已安装为服务，而当前命令没有使用它的设置，会操作另一个数据库：请运行 ${run}；若要另建一套，请设置 DATA_DIR。`,
    `The product is installed on this machine as a service, and this command, without the service's settings, would work on another database: run ${run}, or set DATA_DIR for a set-up of its own.`,
  );
}

function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
