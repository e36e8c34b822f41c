import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pinned } from "./process-under-test.ts";

/**
 * Closed-loop load: `connections` clients, each sending its next request when the last is answered. wrk where
 * it is installed, else autocannon; both as a process of their own on another core than the server's.
 */
export interface Request {
  readonly method?: "GET" | "POST";
  /** `{n}` becomes a number that is never used twice. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Load {
  readonly origin: string;
  /** Sent in turn, over and over. */
  readonly requests: readonly Request[];
  readonly connections: number;
  readonly seconds: number;
  readonly core: number | null;
  readonly folder: string;
  /** What numbers for `{n}` begin with. */
  readonly firstNumber: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  /** Answers other than 2xx, and connections that failed. */
  readonly errors: number;
}

export const hasWrk = spawnSync("wrk", ["--version"]).error === undefined;

let scripts = 0;

export async function runLoad(load: Load): Promise<LoadResult> {
  const result = hasWrk ? await runWrk(load) : await runAutocannon(load);
  if (result.errors > 0)
    throw new Error(`${load.requests[0]?.path}: ${result.errors} of ${result.requests} answers were not 2xx`);
  return result;
}

async function runWrk(load: Load): Promise<LoadResult> {
  const script = join(load.folder, `load-${scripts++}.lua`);
  writeFileSync(script, luaOf(load, `${script}.data`));
  const { connections, seconds, origin } = load;
  const output = await run(load.core, "wrk", [
    ...["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "30s", "--latency", "-s", script, origin],
  ]);
  const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? 0);
  const socketErrors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output);
  const [, requests, duration] = /(\d+) requests in ([\d.]+)s/.exec(output) ?? [];
  if (!requests) throw new Error(`wrk said something unexpected:\n${output}`);
  return {
    requests: Number(requests),
    seconds: Number(duration),
    p50Millis: millis(/50%\s+([\d.]+\w+)/.exec(output)?.[1]),
    p99Millis: millis(/99%\s+([\d.]+\w+)/.exec(output)?.[1]),
    errors:
      number(/Non-2xx or 3xx responses: (\d+)/) +
      (socketErrors?.slice(1).reduce((sum, count) => sum + Number(count), 0) ?? 0),
  };
}

/** All requests are formatted here, so that the generator is never the slow side. */
function luaOf({ requests, firstNumber, origin }: Load, data: string): string {
  const host = new URL(origin).host;
  const parts = requests.map((request) => Buffer.from(rawOf(request, host)));
  // Each preceded by its length: a Lua table of this many literals would be beyond its compiler's limit.
  writeFileSync(data, Buffer.concat(parts.flatMap((part) => [Buffer.from(`${part.length}\n`), part])));
  return `local parts = {}
local number = ${firstNumber}
local turn = 0
function init()
  local file = io.open("${data}", "rb")
  for i = 1, ${parts.length} do
    local whole = file:read(tonumber(file:read("*l")))
    local at = whole:find("{n}", 1, true)
    parts[i] = at and { whole:sub(1, at - 1), whole:sub(at + 3) } or whole
  end
  file:close()
end
function request()
  turn = turn % #parts + 1
  local part = parts[turn]
  if type(part) == "string" then return part end
  number = number + 1
  return part[1] .. number .. part[2]
end
`;
}

function rawOf({ method = "GET", path, headers = {}, body }: Request, host: string): string {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== undefined) {
    lines.push("Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n${body ?? ""}`;
}

async function runAutocannon(load: Load): Promise<LoadResult> {
  const spec = join(load.folder, `load-${scripts++}.json`);
  writeFileSync(spec, JSON.stringify(load));
  const main = fileURLToPath(new URL("autocannon-main.ts", import.meta.url));
  return JSON.parse(await run(load.core, process.execPath, [main, spec])) as LoadResult;
}

async function run(core: number | null, command: string, args: readonly string[]): Promise<string> {
  const child = spawn(...pinned(core, command, args), { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  const code = await new Promise((resolve, reject) => child.once("close", resolve).once("error", reject));
  if (code !== 0) throw new Error(`${command} ended with ${code}:\n${output}`);
  return output;
}

function millis(text = ""): number {
  const [, amount, unit] = /^([\d.]+)(us|ms|s|m)$/.exec(text) ?? [];
  const factor = { us: 0.001, ms: 1, s: 1000, m: 60_000 }[unit ?? ""];
  if (factor === undefined) throw new Error(`wrk printed a time that is none: ${text}`);
  return Number(amount) * factor;
}
