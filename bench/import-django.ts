import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAmount, readOptions, refuseOptions } from "../scripts/read-options.ts";
import { type EngineServer, startPostgres } from "../server/test/support/engines.ts";
import { startMariadb } from "../server/test/support/mariadb.ts";
import { fillMysql, fillPostgres, fillSqlite } from "./django-source.ts";

/**
 * How long a Django site takes to come over and back, and how much memory the most. Each step is the real
 * command in a process of its own; peak and processor time are the kernel's.
 */
const usage = `
node bench/import-django.ts [--users 1000000] [--source sqlite|mysql|postgres] [--only "dry run,import"]

  --users 1000000     generated accounts 生成的账号数
  --source sqlite     the Django site's database 原 Django 站点的数据库
  --only import       these steps alone 只测这几步
`;
const values = readOptions(usage, {
  users: { type: "string", default: "1000000" },
  source: { type: "string", default: "sqlite" },
  only: { type: "string" },
});
if (!["sqlite", "mysql", "postgres"].includes(values.source))
  refuseOptions(
    "--source 可用的有：sqlite, mysql, postgres。",
    "--source is one of sqlite, mysql, postgres.",
  );
const users = readAmount("--users", values.users, { whole: true });
const only = values.only?.split(",");
const folder = mkdtempSync(join(tmpdir(), "meiduo-bench-"));
const { source, close } = await fill();
try {
  await measure("dry run", ["import-django", source]);
  await measure("import", ["import-django", source, "--apply"]);
  await measure("import again", ["import-django", source, "--apply"]);
  if (values.source === "sqlite") {
    const exported = join(folder, "export.json");
    await measure("export", ["export-django", exported]);
    if (existsSync(exported)) say(`${megabytes(exported)} MB as JSON`);
    rmSync(join(folder, "data"), { recursive: true, force: true });
    await measure("import of the JSON", ["import-django", exported, "--apply"]);
  }
} finally {
  await close();
  rmSync(folder, { recursive: true, force: true });
}

/** The source's address, and what ends it. */
async function fill(): Promise<{ source: string; close: () => Promise<void> }> {
  if (values.source !== "sqlite") {
    const server: EngineServer = await (values.source === "mysql" ? startMariadb() : startPostgres());
    await (values.source === "mysql" ? fillMysql : fillPostgres)(server.url, users);
    return { source: server.url, close: () => server.destroy() };
  }
  const source = join(folder, "source.sqlite3");
  fillSqlite(source, users);
  say(`${users} accounts, ${megabytes(source)} MB as SQLite`);
  return { source, close: async () => {} };
}

async function measure(name: string, command: readonly string[]): Promise<void> {
  if (only !== undefined && !only.includes(name)) return;
  const begin = performance.now();
  const main = new URL("../server/src/main.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [main, ...command, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, DATA_DIR: join(folder, "data"), LOG_LEVEL: "silent" },
  });
  const used = watch(child);
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`${name} ended with ${code}`);
  const seconds = (performance.now() - begin) / 1000;
  const rate = Math.round(users / seconds).toLocaleString("en");
  const { processor, memory } = used();
  say(
    `${name}: ${seconds.toFixed(1)} s (${processor} s of processor), ${rate} accounts/s, peak memory ${memory} MB`,
  );
}

/** The kernel's own counts, read until the process is gone: VmHWM, and user and system time in 1/100 s. */
function watch(child: ChildProcess): () => { processor: number; memory: number } {
  let memory = 0;
  let processor = 0;
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      memory = Math.max(memory, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
      const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      processor = Math.max(processor, Number(fields[11]) + Number(fields[12]));
    } catch (error) {
      // Between its end and our hearing of it the process has no status any more.
      if (!["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }, 100);
  child.once("exit", () => clearInterval(timer));
  return () => ({ processor: Math.round(processor / 100), memory: Math.round(memory / 1024) });
}

function megabytes(file: string): number {
  return Math.round(statSync(file).size / 1_000_000);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
