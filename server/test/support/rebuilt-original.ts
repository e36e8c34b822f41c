import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { type IncomingHttpHeaders, request as send } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { startRecordedQq } from "./recorded-qq.ts";

/** The rebuild of the original's user module in conformance/rebuilt-original, on Debian's Django and DRF. */
const python = "/usr/bin/python3";
const script = new URL("../conformance/rebuilt-original/rebuild.py", import.meta.url).pathname;
const needed = "import django, rest_framework, corsheaders, jwt";

export const rebuiltOriginalMissing: string | null =
  existsSync(python) && spawnSync(python, ["-c", needed]).status === 0
    ? null
    : "Django REST framework (apt-get install python3-django python3-djangorestframework python3-django-cors-headers python3-jwt)";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface RebuiltOriginal {
  /** As a browser asks: with these headers and no more than HTTP needs. */
  ask(asked: Asked): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }>;
  /** Leaves the code `emkcsk` for an address, as if it had been sent a while ago. */
  leaveCode(address: string): Promise<void>;
  /** As an administrator does. */
  disable(username: string): Promise<void>;
  /** Ends it and removes its database. */
  stop(): Promise<void>;
}

/** Starts it on a free port of 127.0.0.1, with an empty database. Its tokens go by `now`, in epoch milliseconds. */
export async function startRebuiltOriginal(now: number): Promise<RebuiltOriginal> {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-rebuilt-"));
  const qq = await startRecordedQq();
  const child = spawn(python, [script, join(folder, "db.sqlite3"), String(now / 1000), qq.origin], {
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", no_proxy: "*" },
  });
  const gone = once(child, "close");
  let complaints = "";
  child.stderr.on("data", (chunk) => {
    complaints += chunk;
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const stop = async () => {
    child.stdin.end();
    await gone;
    qq.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const answered = async (): Promise<string> => {
    const { done, value } = await lines.next();
    if (!done) return value;
    await stop();
    throw new Error(`the rebuilt original ended: ${complaints}`);
  };
  const port = Number(await answered());
  const order = async (what: object) => {
    child.stdin.write(`${JSON.stringify(what)}\n`);
    await answered();
  };
  return {
    ask: (asked) => ask(port, asked),
    leaveCode: (code) => order({ code }),
    disable: (username) => order({ disable: username }),
    stop,
  };
}

async function ask(port: number, { method, path, headers, body }: Asked) {
  const request = send({ host: "127.0.0.1", port, method, path, headers, agent: false });
  request.end(body ?? undefined);
  const [response] = await once(request, "response");
  return {
    status: response.statusCode as number,
    headers: response.headers as IncomingHttpHeaders,
    text: await text(response),
  };
}
