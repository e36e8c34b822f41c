#!/usr/bin/env node
// The door to everything: `node scripts/run.mjs <command>`. Plain JavaScript for Node >= 20, because it runs
// before anything is installed. It installs what package-lock.json asks for (once), picks a Node that can run
// the TypeScript sources, and hands over.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const commands = {
  start: ["server/src/main.ts", "start"],
  serve: ["server/src/main.ts", "serve"],
  work: ["server/src/main.ts", "work"],
  migrate: ["server/src/main.ts", "migrate"],
  "check-config": ["server/src/main.ts", "check-config"],
  jobs: ["server/src/main.ts", "jobs"],
  "move-data": ["server/src/main.ts", "move-data"],
  manage: ["server/src/main.ts"],
  sandbox: ["sandbox/main.ts"],
  test: ["scripts/test.ts"],
  bench: ["bench/run.ts"],
  generate: ["scripts/generate.ts"],
  soak: ["scripts/soak.ts"],
  build: ["scripts/build-site.ts"],
};

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20) {
  fail(`Node.js 20 or newer is needed to start; this is ${process.version}. 需要 Node.js 20 或更新版本。`);
}

const [command, ...rest] = process.argv.slice(2);
if (!(command in commands))
  fail(`Unknown command "${command ?? ""}". Known: ${Object.keys(commands).join(", ")}`);

install();
// Alone, main.ts would start the server.
handOver([...commands[command], ...(command === "manage" && rest.length === 0 ? ["help"] : rest)]);

/** Runs `npm ci` where node_modules is missing or was made from another package-lock.json. */
function install() {
  const lock = readFileSync(join(root, "package-lock.json"));
  const wanted = createHash("sha256").update(lock).digest("hex");
  const stamp = join(root, "node_modules", ".meiduo-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.error("Installing dependencies (first start, about a minute)… 正在安装依赖（首次启动，约一分钟）…");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const result = spawnSync(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (result.status !== 0) {
    fail("Installing the dependencies failed; npm's own message stands above. 依赖安装失败，原因见上。");
  }
  writeFileSync(stamp, wanted);
}

/** TypeScript without a build needs Node >= 24.16; an older one is replaced by the Node in node_modules. */
function handOver(args) {
  const good = major > 24 || (major === 24 && minor >= 16);
  const pinned = join(
    root,
    "node_modules",
    "node",
    "bin",
    process.platform === "win32" ? "node.exe" : "node",
  );
  if (!good && !existsSync(pinned)) {
    fail(
      `Node.js ${process.version} can't run this and ${pinned} is missing: run "npm ci" again, or install Node.js 26.`,
    );
  }
  const executable = good ? process.execPath : pinned;
  const child = spawn(executable, [join(root, args[0]), ...args.slice(1)], {
    stdio: "inherit",
    // Always the same .env and ./data, wherever the person stands: a command run from another folder would
    // quietly make a second, empty database there. The files they name are still seen from where they are.
    cwd: root,
    env: {
      ...process.env,
      MEIDUO_CALLED_FROM: process.env.INIT_CWD ?? process.cwd(),
      // Keeps modules as they were compiled for the next start: a third of its time.
      NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "compiled"),
      // The young generation ends where lib/start-memory.ts lets it grow to: V8's own limit is twice that, reached
      // after minutes or hours, and costs 40 MB for nothing measurable. Whatever else is set comes after it and wins.
      NODE_OPTIONS: `--max-semi-space-size=8 ${process.env.NODE_OPTIONS ?? ""}`.trim(),
      PATH: `${dirname(executable)}${process.platform === "win32" ? ";" : ":"}${process.env.PATH}`,
    },
  });
  // A terminal sends Ctrl-C to the whole group already; a supervisor signals only this process.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(signal ? 128 : (code ?? 1)));
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
