import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { type EngineServer, supervised } from "./engines.ts";
import { freePort } from "./free-port.ts";

/** A private MariaDB in a temporary folder, from Debian's mariadb-server; a running one is never touched. */
const binary = ["/usr/sbin/mariadbd", "/usr/sbin/mysqld"].find((file) => existsSync(file));

export const mariadbMissing: string | null =
  binary && existsSync("/usr/bin/mariadb-install-db") ? null : "MariaDB (apt-get install mariadb-server)";

/** With a certificate (PEM files) it takes TLS only. */
export async function startMariadb(tls?: { certificate: string; key: string }): Promise<EngineServer> {
  if (mariadbMissing !== null || !binary) throw new Error(`${mariadbMissing} is missing`);
  const folder = mkdtempSync(join(tmpdir(), "meiduo-mariadb-"));
  const data = join(folder, "data");
  const isRoot = process.getuid?.() === 0;
  if (isRoot) spawnSync("chown", ["mysql:mysql", folder]);
  const user = isRoot ? ["--user=mysql"] : [];
  const made = spawnSync(
    "/usr/bin/mariadb-install-db",
    [
      "--no-defaults",
      `--datadir=${data}`,
      "--auth-root-authentication-method=normal",
      "--skip-test-db",
      ...user,
    ],
    { encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`mariadb-install-db failed: ${made.stderr} ${made.stdout}`);
  const port = await freePort();
  const parameters = [
    "--no-defaults",
    `--datadir=${data}`,
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    ...user,
  ];
  parameters.push(`--socket=${join(folder, "s")}`, "--innodb-flush-log-at-trx-commit=0", "--skip-log-bin");
  if (tls) {
    const copy = (file: string, name: string) => {
      copyFileSync(file, join(folder, name));
      if (isRoot) spawnSync("chown", ["mysql:mysql", join(folder, name)]);
      return join(folder, name);
    };
    parameters.push(`--ssl-cert=${copy(tls.certificate, "server.crt")}`);
    parameters.push(`--ssl-key=${copy(tls.key, "server.key")}`, "--require-secure-transport=ON");
  }
  const run = () => spawn(binary, parameters, { stdio: "ignore" });
  const server = await supervised(`mysql://root@127.0.0.1:${port}/meiduo`, port, folder, run, "SIGTERM");
  const ssl = tls ? { ssl: { rejectUnauthorized: false } } : {};
  const connection = await createConnection({ host: "127.0.0.1", port, user: "root", ...ssl });
  await connection.query("create database meiduo character set utf8mb4 collate utf8mb4_general_ci");
  await connection.end();
  return server;
}
