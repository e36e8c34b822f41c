/**
 * `meiduo-accounts <command>` on a machine with systemd: runs a management command as the service's user, in its folder,
 * with the variables that its unit and /etc/meiduo-accounts.env hand to the server, so that it works on the server's
 * database and nothing else. How it is installed: docs/scaling.md, "On a machine with systemd".
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { isHelpAsked } from "../server/src/cli/command/read-input.ts";
import { findCommand } from "../server/src/cli/commands.ts";
import { findInstalledService } from "../server/src/config/installed-service.ts";
import { readEnvironmentFile, type Unit } from "../server/src/config/systemd-unit.ts";

/** What the person's terminal says of itself; everything else is the unit's. */
const own = /^(?:TERM|COLORTERM|NO_COLOR|LANG|LC_\w+)$/;
const args = process.argv.slice(2);

const unit = findInstalledService()?.unit ?? null;
if (unit === null) {
  refuse(
    "没有 /etc/systemd/system/meiduo-accounts-web.service：请按 docs/scaling.md 安装，或使用 npm run manage。",
    "There is no /etc/systemd/system/meiduo-accounts-web.service: install as docs/scaling.md says, or use npm run manage.",
  );
}
if ((await findCommand(args[0] ?? ""))?.stays && !isHelpAsked(args)) {
  refuse(
    `服务由 systemd 启动：sudo systemctl restart meiduo-accounts-web meiduo-accounts-work。`,
    `systemd starts the service: sudo systemctl restart meiduo-accounts-web meiduo-accounts-work.`,
  );
}
if (process.getuid?.() !== 0) {
  refuse(
    "需要 root 才能读取服务的设置：请在命令前加 sudo。",
    "Only root may read the service's settings: put sudo before the command.",
  );
}
const settings = environmentOf(unit);
makeStateFolder(unit);
become(unit);
// Its own, which may be of a release that the unit's folder doesn't lead to yet.
const program = fileURLToPath(new URL("../server/src/main.ts", import.meta.url));
const child = spawn(process.execPath, [program, ...(args.length === 0 ? ["help"] : args)], {
  cwd: unit.folder,
  env: settings,
  stdio: "inherit",
});
// A terminal sends Ctrl-C to the whole group already; a supervisor signals only this process.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));

function environmentOf({ environment, environmentFiles, user }: Unit): Record<string, string> {
  const mine = Object.entries(process.env).filter(([name]) => own.test(name)) as [string, string][];
  const files = environmentFiles
    .filter(({ path, optional }) => !optional || existsSync(path))
    .map(({ path }) => readEnvironmentFile(readSettings(path)));
  return Object.assign(
    { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", USER: user, LOGNAME: user },
    ...[Object.fromEntries(mine), environment, ...files],
    // Files that are named are seen from where the person stands, and the audit log names the person.
    { MEIDUO_CALLED_FROM: process.cwd(), MEIDUO_CALLED_BY: process.env.SUDO_USER ?? "root" },
    // Help shows the commands as they are typed here.
    { MEIDUO_CALLED_AS: "sudo meiduo-accounts" },
  );
}

function readSettings(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = (error as Error).message;
    return refuse(`无法读取 ${path}（${reason}）。`, `${path} can't be read (${reason}).`);
  }
}

/** As systemd does before a start: a command may come before the first one. */
function makeStateFolder({ stateFolder, user, group }: Unit): void {
  if (stateFolder === null || existsSync(stateFolder)) return;
  const made = spawnSync("install", ["-d", "-m", "0700", "-o", user, "-g", group, stateFolder], {
    encoding: "utf8",
  });
  if (made.status !== 0) refuse(`无法创建 ${stateFolder}：${made.stderr}`, `${stateFolder}: ${made.stderr}`);
}

/** With the user's groups, as the server has them: a socket of Redis may be open to one of them only. */
function become({ user, group }: Unit): void {
  try {
    const groups = spawnSync("id", ["-G", user], { encoding: "utf8" });
    if (groups.status !== 0) throw new Error(groups.stderr.trim());
    process.setgroups?.(groups.stdout.trim().split(" ").map(Number));
    process.setgid?.(group);
    process.setuid?.(user);
  } catch (error) {
    const reason = (error as Error).message;
    refuse(`无法切换到用户 ${user}（${reason}）。`, `Can't become the user ${user} (${reason}).`);
  }
}

function refuse(zh: string, en: string): never {
  const language = process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || "";
  process.stderr.write(`${/^zh/i.test(language) ? zh : en}\n`);
  process.exit(1);
}
