import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../server/test/support/free-port.ts";
import { nameOf, password } from "../accounts.ts";
import { launch } from "../process-under-test.ts";
import { logInConnections } from "../subjects.ts";
import { mostCodesPerSecond, nextAddress, type Peer, type PeerContext } from "./peer.ts";

/** Debian's own, of its own Python: another one on the PATH has none of its packages. */
const python = "/usr/bin/python3";
const packages =
  "python3-django python3-djangorestframework python3-djangorestframework-simplejwt python3-psycopg2 gunicorn";
const site = fileURLToPath(new URL("django_site.py", import.meta.url));
const secret = "a secret for measuring only, thirty-two bytes or more";

const versionsText = `import django, rest_framework, psycopg2, gunicorn, sys
from importlib.metadata import version
print("Django %s, REST framework %s, simplejwt %s, gunicorn %s, Python %s" % (django.__version__, rest_framework.VERSION,
  version("djangorestframework-simplejwt"), gunicorn.__version__, sys.version.split()[0]))`;

/** What is installed; null where something is missing, which the caller says with `djangoPackages`. */
export function djangoVersions(): string | null {
  const asked = spawnSync(python, ["-c", versionsText], { encoding: "utf8", timeout: 30_000 });
  return asked.status === 0 ? asked.stdout.trim() : null;
}

export const djangoPackages = packages;

export async function startDjango(context: PeerContext, made: string): Promise<Peer> {
  const { folder, database, core, names } = context;
  const people = join(folder, "people.json");
  writeFileSync(people, JSON.stringify({ password, names }));
  const env = { DJANGO_DATABASE: database, DJANGO_SECRET: secret, PYTHONDONTWRITEBYTECODE: "1" };
  const filled = execFileSync(python, [site, "fill", people], {
    ...{ env: { ...process.env, ...env }, encoding: "utf8", maxBuffer: 1e8 },
  });
  const port = await freePort();
  // One worker, as everybody here has one process; threads keep connections, which its other worker closes after each answer.
  const flags = ["--workers", "1", "--worker-class", "gthread", "--threads", "4", "--keep-alive", "60"];
  const where = ["--chdir", fileURLToPath(new URL(".", import.meta.url)), "--bind", `127.0.0.1:${port}`];
  const server = await launch({
    command: [python, "-m", "gunicorn", ...flags, ...where, "django_site:application"],
    ...{ cwd: folder, env, port, core, logFile: join(folder, "django.log") },
    readyPath: `/users/usernames/${nameOf(1)}/count/`,
  });
  return { name: "Django", made, server, asked: askedOf(context, JSON.parse(filled)) };
}

function askedOf({ asked, logIns }: PeerContext, tokens: readonly string[]): Peer["asked"] {
  const code = () => ({ path: `/verifications/email_codes/${nextAddress()}/` });
  return {
    count: { connections: 32, requests: asked.map((name) => ({ path: `/users/usernames/${name}/count/` })) },
    user: {
      connections: 32,
      requests: tokens.map((token) => ({ path: "/user/", headers: { Authorization: `Bearer ${token}` } })),
    },
    code: {
      ...{ connections: 32, requests: [] },
      more: (seconds) => Array.from({ length: Math.ceil(seconds * mostCodesPerSecond) }, code),
    },
    login: {
      connections: logInConnections,
      requests: logIns.map((username) => ({
        ...{ method: "POST", path: "/users/authorizations/" },
        body: JSON.stringify({ username, password }),
      })),
    },
  };
}
