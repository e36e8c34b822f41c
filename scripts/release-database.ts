/**
 * Makes the database that a release leaves behind, for the test that starts it under later programs
 * (server/test/contract/release-databases.test.ts): people who signed up, an imitated third party's, a superuser, a
 * group, a code on its way. Run it in a checkout of the release, before its successor changes the schema:
 *
 *     node scripts/release-database.ts server/test/fixtures/databases/0.4.0.sqlite3
 *
 * `--checkout <folder>` runs another checkout's program, for a release that has no such script.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parseArgs } from "node:util";
import { freePort } from "../server/test/support/free-port.ts";
import { codeInMailbox } from "../server/test/support/visitors.ts";

/** What the test knows of every such database. Throw-away values. */
export const releaseSecretKey = "release-database-key-0123456789abcdefghijklmnopqrstuvwxyz";
export const releasePassword = "release-password-42";

if (import.meta.main) await make();

async function make(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { checkout: { type: "string", default: "." } },
  });
  const [output] = positionals;
  if (!output || existsSync(output)) throw new Error("name a file that does not exist yet");
  const folder = mkdtempSync(join(tmpdir(), "meiduo-release-database-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const main = resolve(values.checkout, "server/src/main.ts");
  const env = {
    ...{ PATH: process.env.PATH, HOME: folder, DATA_DIR: folder, SECRET_KEY: releaseSecretKey },
    ...{ API_PORT: String(port), LOG_LEVEL: "warn", CORS_ORIGIN_WHITELIST: "http://127.0.0.1:8080" },
  };
  const server = spawn(process.execPath, [main, "serve"], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const worker = spawn(process.execPath, [main, "work"], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await Promise.all([server, worker].map((child) => once(child.stdout, "data")));
    for (const name of ["xiaoming", "全民python"]) await signUp(url, name);
    const made = spawnSync(
      process.execPath,
      [main, "createsuperuser", "--username", "boss", "--email", "boss@example.com", "--password-stdin"],
      { cwd: folder, env, input: `${releasePassword}\n`, encoding: "utf8" },
    );
    if (made.status !== 0) throw new Error(made.stderr);
    const token = await logIn(url, "boss");
    await call(url, "/admin/groups/", { name: "客服", permissions: ["users.view_user"] }, token);
    // Somebody whose credentials changed: earlier tokens have ended.
    const password = `${releasePassword}-new`;
    const change = { current_password: releasePassword, password, password2: password };
    await call(url, "/user/password/", change, await logIn(url, "全民python"));
    await call(url, "/verifications/email_codes/newcomer@example.com/");
  } finally {
    for (const child of [server, worker]) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
  }
  const database = new DatabaseSync(join(folder, "meiduo.sqlite3"));
  database.prepare("vacuum into ?").run(resolve(output));
  database.close();
  rmSync(folder, { recursive: true, force: true });
  process.stdout.write(`wrote ${output}\n`);
}

async function signUp(url: string, username: string): Promise<void> {
  const email = `${Buffer.from(username).toString("hex")}@example.com`;
  await call(url, `/verifications/email_codes/${email}/`);
  const code = await codeInMailbox(url, email);
  const password = releasePassword;
  await call(url, "/users/", {
    username,
    email,
    password,
    password2: password,
    email_code: code,
    allow: "true",
  });
}

async function logIn(url: string, username: string): Promise<string> {
  const answer = await call(url, "/users/authorizations/", { username, password: releasePassword });
  return (answer as { token: string }).token;
}

async function call(url: string, path: string, body?: object, token?: string): Promise<unknown> {
  const response = await fetch(`${url}${path}`, {
    method: path === "/user/password/" ? "PUT" : body ? "POST" : "GET",
    headers: {
      ...(body && { "content-type": "application/json" }),
      ...(token && { authorization: `JWT ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status} ${text}`);
  return text === "" ? null : JSON.parse(text);
}
