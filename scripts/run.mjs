#!/usr/bin/env node
// The door to everything: `node scripts/run.mjs <command>`. Plain JavaScript for Node >= 20, because it runs
// before anything is installed. It has installed what package-lock.json asks for (install.mjs), picks a Node that can
// run the TypeScript sources, and hands over.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { onLauncherLost } from "../server/src/process/launcher.mjs";
import { ensureInstalled, InstallProblem } from "./install.mjs";
import { pinnedNode } from "./pinned-node.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// As the command line's own table has them (server/src/cli/commands.ts), which can't be read before TypeScript can be:
// command-table.test.ts holds these to it.
const commands = {
  start: ["server/src/main.ts", "start"],
  dev: ["scripts/dev.ts"],
  seed: ["scripts/seed.ts"],
  serve: ["server/src/main.ts", "serve"],
  web: ["server/src/main.ts", "web"],
  work: ["server/src/main.ts", "work"],
  migrate: ["server/src/main.ts", "migrate"],
  "check-config": ["server/src/main.ts", "check-config"],
  jobs: ["server/src/main.ts", "jobs"],
  "move-data": ["server/src/main.ts", "move-data"],
  manage: ["server/src/main.ts"],
  sandbox: ["scripts/sandbox.ts"],
  test: ["scripts/test.ts"],
  "test:release": ["scripts/test-release.ts"],
  bench: ["bench/run.ts"],
  generate: ["scripts/generate.ts"],
  soak: ["scripts/soak.ts"],
  build: ["scripts/build-site.ts"],
  pack: ["scripts/pack.ts"],
};

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20) {
  fail(`Node.js 20 or newer is needed to start; this is ${process.version}. 需要 Node.js 20 或更新版本。`);
}

const [command, ...rest] = process.argv.slice(2);
if (!Object.hasOwn(commands, command ?? "")) {
  fail(`Unknown command "${command ?? ""}". Known: ${Object.keys(commands).join(", ")}`, 2);
}

// TypeScript without a build needs Node >= 24.16; an older one is replaced by the Node in node_modules, which is also
// the one that the systemd units run after `npm run build`, and that their test runs.
const isGood = major > 24 || (major === 24 && minor >= 16);
// Under npm the installed Node comes before the system's; an installation then replaces what runs this.
const isPinned = process.execPath.startsWith(join(root, "node_modules") + sep);
try {
  await ensureInstalled(root, {
    needsPinned: !isGood || isPinned || ["build", "pack", "test", "test:release"].includes(command),
  });
} catch (error) {
  if (!(error instanceof InstallProblem)) throw error;
  fail(error.message);
}
// Alone, main.ts would start the server.
handOver([...commands[command], ...(command === "manage" && rest.length === 0 ? ["help"] : rest)]);

function handOver(args) {
  const executable = isGood && !isPinned ? process.execPath : pinnedNode(root);
  // ENVIRONMENT decides what the product does. NODE_ENV would give a site built for development, and tests of another.
  const { NODE_ENV: _, ...environment } = process.env;
  const child = spawn(executable, [join(root, args[0]), ...args.slice(1)], {
    stdio: "inherit",
    // Always the same .env and ./data, wherever the person stands: a command run from another folder would
    // quietly make a second, empty database there. The files they name are still seen from where they are.
    cwd: root,
    env: {
      // glibc gives each thread memory of its own to allocate from, and none of it back: 13 MB of an idle process.
      MALLOC_ARENA_MAX: "1",
      ...environment,
      MEIDUO_CALLED_FROM: process.env.INIT_CWD ?? process.cwd(),
      // Keeps modules as they were compiled for the next start: a third of its time.
      NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "compiled"),
      // The young generation: V8's own limit is twice that, reached after minutes or hours, and costs 40 MB for nothing
      // measurable. Whatever else is set comes after it and wins.
      NODE_OPTIONS: `--max-semi-space-size=8 ${process.env.NODE_OPTIONS ?? ""}`.trim(),
      PATH: `${dirname(executable)}${process.platform === "win32" ? ";" : ":"}${process.env.PATH}`,
    },
  });
  // A terminal sends Ctrl-C to the whole group already; a supervisor signals only this process.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  onLauncherLost(process.env, () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => {
    // Node's own number for options it doesn't know; it has named the option.
    if (code === 9 && process.env.NODE_OPTIONS) {
      console.error(
        `NODE_OPTIONS="${process.env.NODE_OPTIONS}" does not suit the Node that runs this: start again without it. NODE_OPTIONS 不适用于运行本程序的 Node：请去掉后重新启动。`,
      );
    }
    process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1));
  });
}

function fail(message, exitCode = 1) {
  console.error(message);
  process.exit(exitCode);
}
