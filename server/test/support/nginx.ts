import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitUntil } from "./product-process.ts";

export const nginxBinary = "/usr/sbin/nginx";
export const hasNginx = existsSync(nginxBinary);

export interface Nginx {
  /** What it wrote to its error log. */
  log(): string;
  stop(): Promise<void>;
}

/** nginx in the foreground with these server and upstream blocks, in a folder of its own; resolves once it listens. */
export async function startNginx(blocks: string, url: string): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-nginx-"));
  const file = join(folder, "nginx.conf");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const paths = temporary.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ");
  const main = `daemon off; pid ${folder}/pid; error_log stderr warn; worker_processes 1; events {}`;
  writeFileSync(file, `${main} http { access_log off; ${paths}\n${blocks}\n}`);
  const child = spawn(nginxBinary, ["-c", file, "-e", "stderr"], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (chunk) => {
    log += chunk;
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const orphaned = () => child.kill("SIGTERM");
  process.once("exit", orphaned);
  void gone.then(() => process.off("exit", orphaned));
  await waitUntil(() => listens(url, child, () => log), 20, "nginx");
  return {
    log: () => log,
    async stop() {
      child.kill("SIGTERM");
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listens(url: string, child: ChildProcess, log: () => string): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`nginx did not start:\n${log()}`);
  return fetch(url).then(
    () => true,
    () => false,
  );
}
