import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";

/** A real Django site like the original's, from Debian's python3-django; see fixtures/django-site. */
const python = "/usr/bin/python3";
const script = new URL("../fixtures/django-site/django_site.py", import.meta.url).pathname;

function hasDjango(): boolean {
  if (!existsSync(python)) return false;
  return (
    spawnSync(python, ["-c", "import django, rest_framework, jwt, cryptography, argon2, bcrypt"]).status === 0
  );
}

export const djangoMissing: string | null = hasDjango()
  ? null
  : "Django (apt-get install python3-django python3-djangorestframework python3-jwt python3-cryptography python3-argon2 python3-bcrypt)";

/** Runs one of its commands and returns what it printed. */
export function djangoSite(database: string, args: readonly string[], input = ""): string {
  const run = spawnSync(python, [script, database, ...args], {
    input,
    encoding: "utf8",
    timeout: 120_000,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
  });
  if (run.status !== 0) throw new Error(`Django ${args[0]}: ${run.stderr}`);
  return run.stdout;
}

/** Whether Django thinks that each password matches its hash. */
export function djangoChecks(pairs: readonly (readonly [encoded: string, password: string])[]): boolean[] {
  const lines = pairs.map((pair) => JSON.stringify(pair)).join("\n");
  return djangoSite(":memory:", ["check"], lines)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as boolean);
}

/** A service of the mall's that stays and verifies tokens by the key set at this address. */
export function djangoService(keySet: string) {
  const child = spawn(python, [script, ":memory:", "protected", keySet], {
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    /** What it answers to a request with the token: status and body. One after the other. */
    async ask(token: string): Promise<[status: number, body: unknown]> {
      child.stdin.write(`${token}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error("the service has ended");
      return JSON.parse(value);
    },
    close: () =>
      new Promise<void>((resolve) => {
        child.once("close", () => resolve());
        child.stdin.end();
      }),
  };
}
