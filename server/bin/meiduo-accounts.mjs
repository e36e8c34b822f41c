#!/usr/bin/env node
// The command of the npm package. Any Node that knows modules can read it: it says so where that Node is too old for
// the rest, whose modules are loaded only then.
import { fileURLToPath } from "node:url";

const [major] = process.versions.node.split(".").map(Number);
if (major < 24) {
  console.error(
    `meiduo-accounts needs Node.js 24 or newer and this is ${process.version}: install one (https://nodejs.org) and start again. ` +
      `meiduo-accounts 需要 Node.js 24 或更新版本，当前为 ${process.version}：请安装（https://nodejs.org）后重新启动。`,
  );
  process.exit(1);
}

const main = fileURLToPath(new URL("../dist/server/src/main.js", import.meta.url));
// How help spells the commands; a wrapper around this one may have named itself.
process.env.MEIDUO_CALLED_AS = process.env.MEIDUO_CALLED_AS || "npx meiduo-accounts";
// The young generation: V8's own limit is twice that, reached after minutes or hours, and costs 40 MB for nothing
// measurable. Read when Node starts, so this process begins anew, as itself; Windows knows no such step.
const own = process.env.NODE_OPTIONS || "";
if (process.execve && process.platform !== "win32") {
  process.env.NODE_OPTIONS = `--max-semi-space-size=8 ${own}`.trim();
  // glibc gives each thread memory of its own to allocate from, and none of it back: 13 MB of an idle process.
  process.env.MALLOC_ARENA_MAX ||= "1";
  process.execve(process.execPath, [process.execPath, ...process.execArgv, main, ...process.argv.slice(2)]);
}
process.argv[1] = main;
await import("../dist/server/src/main.js");
