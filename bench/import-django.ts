import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parseArgs } from "node:util";
import { djangoSchema } from "../server/test/support/django-database.ts";

/**
 * `node bench/import-django.ts [--users 1000000]`: how long a Django site takes to come over and back, and how
 * much memory the most. The accounts are generated: names, addresses, numbers, hashes of Django's length,
 * every tenth bound to a third party, every twentieth in a group, one in a thousand awkward. Each step is the real
 * command in a process of its own; the peak is the kernel's VmHWM of that process.
 */
const { values } = parseArgs({ options: { users: { type: "string", default: "1000000" } } });
const users = Number(values.users);
const folder = mkdtempSync(join(tmpdir(), "meiduo-bench-"));
try {
  const source = join(folder, "source.sqlite3");
  generate(source);
  say(`${users} accounts, ${megabytes(source)} MB as SQLite`);
  await measure("dry run", ["import-django", source]);
  await measure("import", ["import-django", source, "--apply"]);
  await measure("import again", ["import-django", source, "--apply"]);
  const exported = join(folder, "export.json");
  await measure("export", ["export-django", exported]);
  say(`${megabytes(exported)} MB as dumpdata JSON`);
  rmSync(join(folder, "data"), { recursive: true });
  await measure("import of the JSON", ["import-django", exported, "--apply"]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function generate(file: string): void {
  const database = new DatabaseSync(file);
  database.exec(`pragma journal_mode = off; pragma synchronous = off; ${djangoSchema} begin`);
  const insert = database.prepare("insert into tb_users values (?, ?, ?, 0, ?, '', '', ?, 0, 1, ?, ?)");
  const bind = database.prepare("insert into tb_oauth_user values (null, ?, ?, ?, ?, '1')");
  const join = database.prepare("insert into tb_users_groups values (null, ?, 1)");
  database.exec("insert into auth_group values (1, 'customers')");
  const at = "2026-11-22 15:33:10.266128";
  for (let id = 1; id <= users; id++) {
    const digest = createHash("sha256").update(String(id)).digest("base64");
    const email = id % 1000 === 0 ? "shared@qq.com" : `user${id}@qq.com`;
    const mobile = `1${(3_000_000_000 + id).toString()}`;
    insert.run(
      id,
      `pbkdf2_sha256$120000$${digest.slice(0, 12)}$${digest}`,
      at,
      `user${id}`,
      email,
      at,
      mobile,
    );
    if (id % 10 === 0) bind.run(at, at, digest.slice(0, 32), id);
    if (id % 20 === 0) join.run(id);
  }
  database.exec("commit; create index binding_user on tb_oauth_user (user_id)");
  database.exec("create index group_user on tb_users_groups (user_id)");
  database.close();
}

async function measure(name: string, command: readonly string[]): Promise<void> {
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
