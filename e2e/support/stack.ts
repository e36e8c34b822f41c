/**
 * The real product for a journey: `start` as a person runs it, in its own process, with its own folder and ports,
 * the API and the site on two origins. Mail is read where a developer reads it, in the mailbox.
 */
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bareEnvironment } from "../../server/test/support/false-clock.ts";
import { freePort } from "../../server/test/support/free-port.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface Mail {
  readonly id: number;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly code: string | null;
}

export interface Stack {
  readonly apiUrl: string;
  readonly siteUrl: string;
  /** Where the imitated third-party providers answer. */
  readonly sandboxUrl: string;
  /** Where the site and the API listen, whatever names they have. */
  readonly sitePort: number;
  readonly apiPort: number;
  /** Where it keeps its database. */
  readonly dataDir: string;
  /** Everything the process wrote. */
  output(): string;
  /** The newest mail to the address, waited for; `after` is the id of a mail already seen. */
  mail(to: string, after?: number): Promise<Mail>;
  /** The code in the newest mail to the address. */
  code(to: string, after?: number): Promise<string>;
  /** Signs somebody up over the API, for journeys that begin later. */
  signUp(person: Person): Promise<{ token: string; id: number }>;
  /** Makes every log-in and proof an old one, as an hour would. */
  age(): void;
  /** What a command says that is run beside the product, as an operator does. */
  manage(...line: string[]): Promise<string>;
  stop(): Promise<void>;
}

export interface Person {
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

let count = 0;

/** Somebody no other journey knows. */
export function newPerson(): Person {
  count += 1;
  const tag = `${process.pid.toString(36)}${count}`;
  return { username: `reader_${tag}`, email: `reader.${tag}@example.com`, password: "three quiet lanterns" };
}

export async function startStack(
  environment: Readonly<Record<string, string>> = {},
  options: readonly string[] = [],
): Promise<Stack> {
  const [apiPort, webPort, sandboxPort] = [await freePort(), await freePort(), await freePort()];
  const dataDir = mkdtempSync(join(tmpdir(), "meiduo-e2e-"));
  const apiUrl = `http://127.0.0.1:${apiPort}`;
  const siteUrl = `http://127.0.0.1:${webPort}`;
  let output = "";
  const env = {
    ...bareEnvironment(),
    HOME: dataDir,
    DATA_DIR: dataDir,
    API_PORT: String(apiPort),
    WEB_PORT: String(webPort),
    SANDBOX_PORT: String(sandboxPort),
    LOG_LEVEL: "warn",
    ...environment,
  };
  const main = join(root, "server/src/main.ts");
  const child = spawn(process.execPath, [main, "start", ...options], { cwd: dataDir, env });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await until("the product to be ready", 120_000, () => {
    if (child.exitCode !== null) throw new Error(`The product stopped:\n${output}`);
    return output.includes("is ready") ? true : undefined;
  });

  async function mail(to: string, after = 0, hasCode = false): Promise<Mail> {
    return until(`a mail to ${to}`, 15_000, async () => {
      const response = await fetch(`${apiUrl}/sandbox/mailbox/messages/?to=${encodeURIComponent(to)}`);
      if (!response.ok) throw new Error(`The mailbox answered ${response.status}`);
      const mails = (await response.json()) as Mail[];
      return mails.find(({ id, code }) => id > after && (code !== null || !hasCode));
    });
  }

  async function code(to: string, after = 0): Promise<string> {
    return (await mail(to, after, true)).code!;
  }

  return {
    apiUrl,
    siteUrl,
    sitePort: webPort,
    apiPort,
    dataDir,
    sandboxUrl: `http://127.0.0.1:${sandboxPort}`,
    output: () => output,
    mail,
    code,
    async signUp({ username, email, password }) {
      const asked = await fetch(`${apiUrl}/verifications/email_codes/${email}/?send_type=register`);
      if (!asked.ok) throw new Error(`No code: ${await asked.text()}`);
      const body = {
        username,
        email,
        password,
        password2: password,
        email_code: await code(email),
        allow: true,
      };
      const response = await fetch(`${apiUrl}/users/`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      if (response.status !== 201) throw new Error(`No account: ${await response.text()}`);
      return (await response.json()) as { token: string; id: number };
    },
    age() {
      const database = new DatabaseSync(join(dataDir, "meiduo.sqlite3"));
      database.exec("pragma busy_timeout = 10000; update sessions set proved_at = 0");
      database.close();
    },
    async manage(...line) {
      const { stdout } = await promisify(execFile)(process.execPath, [main, ...line], { cwd: dataDir, env });
      return stdout;
    },
    async stop() {
      child.kill("SIGINT");
      await exited;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Asks again every 50 ms until there is an answer; throws after the limit. */
export async function until<Answer>(
  what: string,
  limitMs: number,
  ask: () => Answer | undefined | Promise<Answer | undefined>,
): Promise<Answer> {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`Waited ${limitMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
