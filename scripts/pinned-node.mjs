// The Node of package-lock.json, in node_modules: fetched, tried, explained. Plain JavaScript for Node >= 20.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const isWindows = process.platform === "win32";

export function pinnedNode(root) {
  return join(root, "node_modules", "node", "bin", isWindows ? "node.exe" : "node");
}

/** By the package's own install script, which npm leaves out under `ignore-scripts`. What it says is shown. */
export function fetchPinnedNode(root, env) {
  const cwd = join(root, "node_modules", "node");
  const script = join(cwd, "installArchSpecificPackage.js");
  if (!existsSync(script)) return;
  const own = {
    ...env,
    npm_config_package_lock: "false",
    npm_config_loglevel: "error",
    NODE_NO_WARNINGS: "1",
  };
  // npm puts the installed Node before the system's, so it may be what runs this, and npm has just removed it.
  const node = existsSync(process.execPath) ? process.execPath : "node";
  spawnSync(node, [script], { cwd, env: own, stdio: ["ignore", 2, 2] });
}

/** Null where it runs; otherwise what was said in its place. A machine may lack a library that it is linked with. */
export function tryPinnedNode(root) {
  if (!existsSync(pinnedNode(root))) return { code: "missing", said: "" };
  const { NODE_OPTIONS: _, ...env } = process.env;
  const tried = spawnSync(pinnedNode(root), ["--version"], { encoding: "utf8", env });
  if (tried.status === 0 && /^v\d/.test(tried.stdout)) return null;
  return {
    code: tried.error?.code ?? String(tried.status ?? tried.signal),
    said: (tried.stderr ?? "").trim(),
  };
}

/** So that `npx vitest` and the like run under it, as after npm's own installation of the package. */
export function linkPinnedNode(root) {
  const link = join(root, "node_modules", ".bin", "node");
  if (isWindows || existsSync(link)) return;
  try {
    mkdirSync(join(link, ".."), { recursive: true });
    symlinkSync("../node/bin/node", link);
  } catch (error) {
    if (!["EEXIST", "EACCES", "EPERM", "EROFS"].includes(error.code)) throw error;
  }
}

/** One sentence in each language: what keeps it from running, and what to do. */
export function explainPinnedNode(root, { code, said }) {
  const file = pinnedNode(root);
  if (code === "missing") {
    return `Node.js ${process.version} can't run this, and ${file} could not be fetched (npm's message stands above): start again with a network, or install Node.js 26. Node.js ${process.version} 无法运行本程序，且未能下载 ${file}（原因见上）：请联网后重试，或安装 Node.js 26。`;
  }
  const library = /(lib[\w.+-]*\.so[\w.]*): cannot open shared object file/.exec(said)?.[1];
  if (library?.startsWith("libatomic.so")) {
    return `The library ${library} is missing on this machine: install it (Debian, Ubuntu: apt-get install libatomic1; Fedora, RHEL: dnf install libatomic; openSUSE: zypper install libatomic1; Arch: pacman -S gcc-libs) and start again. 本机缺少库 ${library}：请安装（Debian、Ubuntu：apt-get install libatomic1；Fedora、RHEL：dnf install libatomic；openSUSE：zypper install libatomic1；Arch：pacman -S gcc-libs）后重新启动。`;
  }
  if (library !== undefined) {
    return `The library ${library}, which ${file} needs, is missing on this machine: install the package that has it, or Node.js 26, and start again. 本机缺少 ${file} 所需的库 ${library}：请安装包含它的软件包，或安装 Node.js 26，然后重新启动。`;
  }
  if (code === "EACCES") {
    return `${file} may not be run: is its folder mounted noexec? Move the project, or install Node.js 26. 无权执行 ${file}：所在目录是否以 noexec 挂载？请移动项目，或安装 Node.js 26。`;
  }
  // Another C library (Alpine), a system too old for it, or half a file.
  const reason = said.split("\n")[0] || code;
  return `${file} does not run on this machine (${reason}): install Node.js 26 of your system; after an interrupted download remove node_modules first. ${file} 无法在本机运行（${reason}）：请安装系统自带的 Node.js 26；若下载曾中断，请先删除 node_modules。`;
}
