import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../server/test/support/free-port.ts";
import { password } from "../accounts.ts";
import type { Request } from "../load/load.ts";
import { launch } from "../process-under-test.ts";
import { logInConnections } from "../subjects.ts";
import { ownTree } from "../tree.ts";
import { mostCodesPerSecond, nextAddress, type Peer, type PeerContext } from "./peer.ts";

/** The newest of the day when the targets were written; a newer one moves the figures. */
const version = "1.7.25";
const secret = "a secret for measuring only, thirty-two bytes or more";
const installSeconds = 300;

/** Into the folder; needs the registry. Throws with npm's words where it can't be had. */
export function installBetterAuth(folder: string): void {
  const { dependencies } = JSON.parse(readFileSync(join(ownTree, "server/package.json"), "utf8"));
  const packages = { "better-auth": version, pg: dependencies.pg };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: packages }));
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], {
    ...{ cwd: folder, stdio: ["ignore", "ignore", "pipe"], timeout: installSeconds * 1000 },
  });
  copyFileSync(
    fileURLToPath(new URL("better-auth-server.mjs", import.meta.url)),
    join(folder, "better-auth-server.mjs"),
  );
}

/** In the folder where it was installed. */
export async function startBetterAuth(context: PeerContext): Promise<Peer> {
  const { folder, database, core, names } = context;
  const main = join(folder, "better-auth-server.mjs");
  const people = join(folder, "people.json");
  writeFileSync(people, JSON.stringify({ password, names }));
  const env = { NODE_ENV: "production" };
  const filled = execFileSync(process.execPath, [main, "fill", database, secret, people], {
    ...{ cwd: folder, env: { ...process.env, ...env }, encoding: "utf8", maxBuffer: 1e8 },
  });
  const port = await freePort();
  const server = await launch({
    ...{ command: [process.execPath, main, "serve", database, secret, String(port)], cwd: folder, env, port },
    ...{ core, readyPath: "/api/auth/ok", logFile: join(folder, "better-auth.log") },
  });
  const made = `better-auth ${version}, node:http`;
  return { name: "better-auth", made, server, asked: askedOf(context, JSON.parse(filled)) };
}

function askedOf({ asked, logIns }: PeerContext, cookies: readonly string[]): Peer["asked"] {
  // Counted for one client, as ours.
  const headers = { "X-Forwarded-For": "192.0.2.1" };
  const post = (path: string, body: object): Request => ({
    ...{ method: "POST", path: `/api/auth${path}`, headers, body: JSON.stringify(body) },
  });
  const logIn = (username: string) => post("/sign-in/username", { username, password });
  const code = () => post("/email-otp/send-verification-otp", { email: nextAddress(), type: "sign-in" });
  return {
    count: {
      connections: 32,
      requests: asked.map((username) => post("/is-username-available", { username })),
    },
    user: {
      connections: 32,
      requests: cookies.map((cookie) => ({
        ...{ path: "/api/auth/get-session", headers: { ...headers, Cookie: cookie } },
      })),
    },
    code: {
      ...{ connections: 32, requests: [] },
      more: (seconds) => Array.from({ length: Math.ceil(seconds * mostCodesPerSecond) }, code),
    },
    login: { connections: logInConnections, requests: logIns.map(logIn) },
  };
}
