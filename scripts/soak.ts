/**
 * Mixed traffic for a long time: does memory stay flat, is every answer an expected one?
 *
 * Runs an API process and a worker of its own on a temporary embedded database, or on the engines that
 * DATABASE_URL and REDIS_URL name (give it empty ones). Both get the environment of this command as it is, so what
 * is measured is what an operator runs. Fails on any unexpected answer, and on memory that grows by more than
 * the limit once it is warm; see memory-trend.ts.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePort } from "../server/test/support/free-port.ts";
import { explainDevFailure, readDevConfig, readDevSource } from "./dev-settings.ts";
import { growsBeyond, memoryTrend, warmUpSeconds } from "./memory-trend.ts";
import { memoryKinds, type ProcessMemory, processMemory } from "./process-memory.ts";
import { readAmount, readTool } from "./read-options.ts";

const { values } = readTool("soak");
// Attack and accident: it would fill the accounts and the mails of those who are served.
try {
  readDevConfig({ ...readDevSource(), DATA_DIR: tmpdir() }, "npm run soak");
} catch (error) {
  process.stderr.write(`${explainDevFailure(error)}\n`);
  process.exit(1);
}
const minutes = readAmount("--minutes", values.minutes, { whole: false });
const visitorCount = readAmount("--visitors", values.visitors, { whole: true });

const slopeLimit = 1;
const sampleMillis = 2000;
const password = "soak-Password-42";
const main = resolve(import.meta.dirname, "../server/src/main.ts");
const folder = mkdtempSync(join(tmpdir(), "meiduo-soak-"));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const say = (text: string) => void process.stdout.write(`${text}\n`);

const metricsPorts = { api: await freePort(), worker: await freePort() };
const processes = {
  api: await start("serve", metricsPorts.api),
  worker: await start("work", metricsPorts.worker),
};
type Name = keyof typeof processes;
const names = ["api", "worker"] as const;
const answers = new Map<string, number>();
const unexpected: string[] = [];
const people: { username: string; token: string }[] = [];
const samples: { seconds: number; memory: Record<Name, ProcessMemory> }[] = [];
const beganAt = performance.now();
const elapsed = () => (performance.now() - beganAt) / 1000;
let number = 0;

try {
  const sampler = setInterval(() => void sample(), sampleMillis);
  await sample();
  await Promise.all(Array.from({ length: visitorCount }, visit));
  clearInterval(sampler);
  process.exitCode = report();
} finally {
  await Promise.all(Object.values(processes).map(stop));
  rmSync(folder, { recursive: true, force: true });
}

/** One visitor after another, until the time is over. */
async function visit(): Promise<void> {
  while (elapsed() < minutes * 60) {
    const die = randomInt(100);
    const person = people.length > 0 ? people[randomInt(people.length)] : undefined;
    try {
      if (die < 8 || !person) await signUp();
      else if (die < 13)
        await call("log-in", "/users/authorizations/", 200, { username: person.username, password });
      else if (die < 15)
        await call("wrong password", "/users/authorizations/", 400, {
          username: person.username,
          password: "wrong-Password",
        });
      else if (die < 45) await call("/user/", "/user/", 200, undefined, person.token);
      else if (die < 50) await call("bad token", "/user/", 401, undefined, "not.a.token");
      else await call("count", `/users/usernames/soak${randomInt(100_000)}/count/`, 200);
    } catch (error) {
      unexpected.push(`${(error as Error).name}: ${(error as Error).message}`);
    }
  }
}

async function signUp(): Promise<void> {
  const username = `soak${number++}x`;
  const email = `${username}@example.com`;
  if (!(await call("code", `/verifications/email_codes/${email}/`, 200))) return;
  const email_code = await codeFor(email);
  const body = { username, email, password, password2: password, email_code, allow: "true" };
  const text = await call("sign-up", "/users/", 201, body);
  if (text) people.push({ username, token: (JSON.parse(text) as { token: string }).token });
}

/** The body when the status is the expected one, otherwise null and a line in the report. */
async function call(what: string, path: string, expected: number, body?: unknown, token?: string) {
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token ? { authorization: `JWT ${token}` } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  answers.set(what, (answers.get(what) ?? 0) + 1);
  if (response.status === expected) return text;
  unexpected.push(`${what}: ${response.status} ${text.slice(0, 200)}`);
  return null;
}

async function codeFor(email: string): Promise<string> {
  for (let wait = 20; wait < 5000; wait *= 1.5) {
    const response = await fetch(`${url}/sandbox/mailbox/messages/?to=${encodeURIComponent(email)}`);
    const code = /\b[2-9A-HJKMNP-Z]{6}\b/.exec((await response.text()).replaceAll(email, ""))?.[0];
    if (code) return code;
    await new Promise((done) => setTimeout(done, wait));
  }
  throw new Error("a promised mail did not arrive");
}

async function sample(): Promise<void> {
  const [api, worker] = await Promise.all(
    names.map((name) => processMemory(processes[name].pid as number, metricsPorts[name])),
  );
  if (!api || !worker) return;
  samples.push({ seconds: elapsed(), memory: { api, worker } });
  const done = Math.min(1, elapsed() / (minutes * 60));
  const bar = "#".repeat(Math.round(done * 30)).padEnd(30, "-");
  const text = `[${bar}] ${Math.floor(done * 100)}%  api ${api.resident.toFixed(0)} MB  worker ${worker.resident.toFixed(0)} MB  unexpected ${unexpected.length}`;
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[2K${text}`);
  else if (samples.length % 30 === 1) say(text);
}

function report(): number {
  const total = [...answers.values()].reduce((sum, count) => sum + count, 0);
  say(
    `\n${total} requests in ${minutes} min, ${(total / minutes / 60).toFixed(0)}/s; accounts made: ${people.length}`,
  );
  for (const [what, count] of answers) say(`  ${what.padEnd(16)} ${count}`);
  const warm = warmUpSeconds(samples.at(-1)?.seconds ?? 0);
  say(`memory, MB; slope after a warm-up of ${(warm / 60).toFixed(1)} min, limit ${slopeLimit} MB/min`);
  say(`  ${"".padEnd(16)} first   warm    last     max   slope`);
  const growing: string[] = [];
  let judged = true;
  for (const name of names) {
    for (const kind of memoryKinds) {
      const series = samples.map(({ seconds, memory }) => ({ seconds, megabytes: memory[name][kind] }));
      const trend = memoryTrend(series);
      const figures = [
        series[0],
        series.find((point) => point.seconds >= warm),
        series.at(-1),
        { megabytes: Math.max(...series.map((point) => point.megabytes)) },
      ].map((point) => (point?.megabytes ?? Number.NaN).toFixed(1).padStart(7));
      const slope = trend ? `${trend.slope.toFixed(2)} ± ${trend.margin.toFixed(2)}` : "not judged";
      say(`  ${`${name} ${kind}`.padEnd(16)}${figures.join(" ")}   ${slope}`);
      judged &&= trend !== null;
      if (growsBeyond(trend, slopeLimit)) growing.push(`${name} ${kind}`);
    }
  }
  say(`unexpected answers: ${unexpected.length}`);
  for (const line of unexpected.slice(0, 10)) say(`  ${line}`);
  say(
    growing.length > 0
      ? `memory: grows by more than ${slopeLimit} MB/min beyond its margin: ${growing.join(", ")}`
      : judged
        ? `memory: flat, nothing grows by more than ${slopeLimit} MB/min beyond its margin`
        : "memory: not judged, the run is shorter than eight minutes or this system doesn't tell",
  );
  return unexpected.length > 0 || growing.length > 0 ? 1 : 0;
}

async function start(command: string, metricsPort: number): Promise<ChildProcess> {
  const ports = { API_PORT: String(port), METRICS_PORT: String(metricsPort) };
  const child = spawn(process.execPath, [main, command], {
    env: { ...process.env, ...ports, DATA_DIR: folder, LOG_LEVEL: "error" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise<void>((done, failed) => {
    child.once("exit", () => failed(new Error(`"${command}" did not start`)));
    child.stdout.on("data", (text) => {
      if (String(text).includes("is ready")) done();
    });
  });
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  await gone;
}
