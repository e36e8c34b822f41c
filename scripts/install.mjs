// Installs what package-lock.json asks for, once, whatever NODE_ENV and npm's settings say. Plain JavaScript for
// Node >= 20: nothing is installed when it runs. The stamp is written only after a look at what is really there.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { withInstallLock } from "../server/src/process/install-lock.mjs";
import {
  explainPinnedNode,
  fetchPinnedNode,
  linkPinnedNode,
  pinnedNode,
  tryPinnedNode,
} from "./pinned-node.mjs";

/** What the person at the terminal can put right. */
export class InstallProblem extends Error {}

/** Settings of npm that change what gets installed: these hold, not the user's. Those about the network stay theirs. */
const settings = {
  "allow-remote": "all",
  // No date: versions and their checksums are in package-lock.json.
  before: "null",
  "bin-links": "true",
  cpu: process.arch,
  "dry-run": "false",
  "engine-strict": "false",
  force: "false",
  global: "false",
  "global-style": "false",
  // The one script that is needed is run by fetchPinnedNode: npm's settings, and newer npms, keep it from running.
  "ignore-scripts": "true",
  "include-workspace-root": "true",
  "install-strategy": "hoisted",
  "legacy-bundling": "false",
  "legacy-peer-deps": "false",
  location: "project",
  "min-release-age": "0",
  os: process.platform,
  "package-lock": "true",
  "package-lock-only": "false",
  "strict-peer-deps": "false",
};

/** Of the environment's npm_config_*, those about where packages come from. */
const kept =
  /^npm_config_(?:@|\/\/|_|registry|(?:https?_)?proxy|noproxy|cafile|ca|cert|key|strict_ssl|cache|userconfig|globalconfig|prefix|offline|prefer_o(?:ff|n)line|fetch_|maxsockets|local_address|replace_registry_host)/i;

/**
 * Resolves once everything is there. `needsPinned`: the command is run by the Node of package-lock.json, which then has
 * been run once as well; without it that Node may be missing. Throws an InstallProblem in both languages.
 */
export async function ensureInstalled(root, { needsPinned }) {
  if (stampOf(root) === readStamp(root) && (!needsPinned || readNodeStamp(root) === nodeStampOf(root)))
    return;
  // By hand with `npm ci`, or by a start that only could not write the stamp: nothing to install, no network needed.
  if (missingPackages(root).length === 0 && (!needsPinned || tryPinnedNode(root) === null)) {
    return writeStamps(root, existsSync(pinnedNode(root)) && tryPinnedNode(root) === null);
  }
  try {
    await withInstallLock(join(root, ".install"), () => repair(root, needsPinned));
  } catch (error) {
    if (!["EACCES", "EPERM", "EROFS"].includes(error.code)) throw error;
    throw new InstallProblem(
      `The dependencies can't be installed: ${root} can't be written by this user. Run "npm ci" there as its owner first. ` +
        `无法安装依赖：当前用户无权写入 ${root}。请先以其所有者身份在该目录运行 npm ci。`,
    );
  }
}

function repair(root, needsPinned) {
  const { env, done } = npmEnvironment();
  try {
    if (missingPackages(root).length > 0) npmCi(root, env);
    let trouble = bringPinnedNode(root, env);
    if (missingPackages(root).length > 0 && trouble === null) {
      // npm leaves out builds whose "engines" its own Node doesn't meet (20.18 and older). The pinned one does.
      npmCiUnderPinned(root, env);
      trouble = bringPinnedNode(root, env);
    }
    const missing = missingPackages(root);
    if (missing.length > 0) throw leftOut(missing);
    if (trouble !== null && needsPinned) throw new InstallProblem(explainPinnedNode(root, trouble));
    writeStamps(root, trouble === null);
  } finally {
    done();
  }
}

/** Null where it runs, otherwise what came of trying. */
function bringPinnedNode(root, env) {
  if (!existsSync(pinnedNode(root))) fetchPinnedNode(root, env);
  const trouble = tryPinnedNode(root);
  if (trouble === null) linkPinnedNode(root);
  return trouble;
}

function npmCi(root, env) {
  console.error("Installing dependencies (first start, about a minute)… 正在安装依赖（首次启动，约一分钟）…");
  rmSync(stampFile(root), { force: true });
  const { workspaces } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const everything = [
    ...["dev", "optional", "peer"].map((kind) => `--include=${kind}`),
    ...["--workspaces=true", ...workspaces.map((name) => `--workspace=${name}`)],
  ];
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const result = spawnSync(npm, ["ci", ...quiet, ...everything], {
    cwd: root,
    env,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (result.error?.code === "ENOENT") {
    throw new InstallProblem(
      "npm is not installed: install it beside Node.js (Debian, Ubuntu: apt-get install npm). 未安装 npm：请与 Node.js 一并安装（Debian、Ubuntu：apt-get install npm）。",
    );
  }
  if (result.status !== 0) {
    throw new InstallProblem(
      "Installing the dependencies failed; npm's own message stands above. 依赖安装失败，原因见上。",
    );
  }
}

function npmCiUnderPinned(root, env) {
  // npm ci empties node_modules: it must not run on a file in there, and brings the Node without its program.
  const folder = join(root, ".install", "bin");
  const name = process.platform === "win32" ? "node.exe" : "node";
  mkdirSync(folder, { recursive: true });
  copyFileSync(pinnedNode(root), join(folder, name));
  try {
    npmCi(root, { ...env, PATH: `${folder}${delimiter}${env.PATH}` });
    mkdirSync(join(pinnedNode(root), ".."), { recursive: true });
    copyFileSync(join(folder, name), pinnedNode(root));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function leftOut(missing) {
  const names = `${missing.slice(0, 3).join(", ")}${missing.length > 3 ? ", …" : ""}`;
  return new InstallProblem(
    `npm left out ${missing.length} of the packages that are needed (${names}): a setting of npm keeps them away, "npm config list" shows it. ` +
      `Without your settings: npm_config_userconfig=/nowhere npm start. ` +
      `npm 未安装 ${missing.length} 个必需的包（${names}）：由 npm 的某项设置所致，可用 npm config list 查看。不使用个人设置：npm_config_userconfig=/nowhere npm start。`,
  );
}

/**
 * The environment for npm: without NODE_ENV (`production` leaves half of the packages out) and without settings from
 * npm_config_* but those about the network. Where no home folder can be written, npm's cache is a temporary one.
 */
function npmEnvironment() {
  const env = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (name !== "NODE_ENV" && (!/^npm_config_/i.test(name) || kept.test(name))) env[name] = value;
  }
  for (const [name, value] of Object.entries(settings))
    env[`npm_config_${name.replaceAll("-", "_")}`] = value;
  const home = writableHome();
  if (home !== null) return { env, done: () => {} };
  const folder = mkdtempSync(join(tmpdir(), "meiduo-npm-"));
  env.npm_config_cache ??= join(folder, "cache");
  if (!env.HOME || !existsSync(env.HOME)) env.HOME = folder;
  return { env, done: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Null where there is none: a service's user, a container's user without a name. */
function writableHome() {
  try {
    const home = homedir();
    const cache = join(home, ".npm");
    mkdirSync(cache, { recursive: true });
    const probe = join(cache, `.meiduo-${process.pid}`);
    writeFileSync(probe, "");
    rmSync(probe);
    return home;
  } catch {
    return null;
  }
}

/** Of what package-lock.json asks for on this machine, what is not in node_modules, by npm's own record of it. */
export function missingPackages(root) {
  const wanted = packagesOf(join(root, "package-lock.json")) ?? {};
  const present = packagesOf(join(root, "node_modules", ".package-lock.json"));
  const missing = [];
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.startsWith("node_modules/") || !isNeeded(entry)) continue;
    const there = present?.[path];
    const isThere = entry.link ? there?.link : there?.version === entry.version;
    if (!isThere || !existsSync(join(root, path, "package.json")))
      missing.push(path.slice("node_modules/".length));
  }
  return missing;
}

/** An optional package is needed where it is a build for this machine: without it an engine or the site's builder fails. */
function isNeeded({ optional, os, cpu, libc }) {
  if (!optional) return true;
  return (
    Boolean(os ?? cpu) && fits(os, process.platform) && fits(cpu, process.arch) && fits(libc, machineLibc())
  );
}

function fits(list, value) {
  if (list === undefined || value === null) return true;
  return list.includes(value) || (list.some((one) => one.startsWith("!")) && !list.includes(`!${value}`));
}

let libcName;
function machineLibc() {
  if (process.platform !== "linux") return null;
  if (libcName === undefined) {
    process.report.excludeNetwork = true;
    libcName = process.report.getReport().header.glibcVersionRuntime ? "glibc" : "musl";
  }
  return libcName;
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    // Not there, or cut off by a kill: npm writes it last.
    return null;
  }
}

const stampFile = (root) => join(root, "node_modules", ".meiduo-lock");

/** Of package-lock.json and npm's record: whoever changes node_modules by hand changes the latter. */
function stampOf(root) {
  const hash = createHash("sha256");
  for (const file of ["package-lock.json", join("node_modules", ".package-lock.json")]) {
    const path = join(root, file);
    if (!existsSync(path)) return null;
    hash.update(readFileSync(path));
  }
  return hash.digest("hex");
}

const nodeStampOf = (root) => `${stampOf(root)} node`;
const stampLines = (root) =>
  existsSync(stampFile(root)) ? readFileSync(stampFile(root), "utf8").split("\n") : [];
const readStamp = (root) => stampLines(root)[0];
const readNodeStamp = (root) => stampLines(root)[1];

function writeStamps(root, pinnedRuns) {
  const lines = [stampOf(root), ...(pinnedRuns ? [nodeStampOf(root)] : [])];
  try {
    writeFileSync(stampFile(root), lines.join("\n"));
  } catch (error) {
    // A checkout that this user only reads: looked through again at the next start.
    if (!["EACCES", "EPERM", "EROFS"].includes(error.code)) throw error;
  }
}
