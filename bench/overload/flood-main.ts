import { readFileSync } from "node:fs";
import { Connection } from "../load/connection.ts";
import { latenciesOf } from "../load/latencies.ts";
import { runOpenLoop, scheduleOf } from "../load/open-loop.ts";
import type { Flood, FloodResult } from "./flood.ts";

/** The flood of the file that argv names; prints a FloodResult. Whatever is answered is counted, nothing is a failure. */
const flood = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Flood;
const origin = new URL(flood.origin);
const patienceMillis = 30_000;
const idle: Connection[] = [];
const waits: { readonly status: number; readonly fromDue: number; readonly fromSent: number }[] = [];
const schedule = scheduleOf(flood.perSecond, flood.seconds);
let sentSoFar = 0;
let unanswered = 0;

function requestOf(n: number): Buffer {
  const { method = "GET", path, headers = {}, body = "" } = flood.requests[n % flood.requests.length]!;
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${origin.host}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body) lines.push("Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`.replaceAll("{n}", String(flood.firstNumber + n)));
}

async function answerOf(connection: Connection, request: Buffer): Promise<number | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), patienceMillis);
  });
  try {
    return await Promise.race([connection.send(request), late]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

const begin = performance.now();
await runOpenLoop({
  schedule,
  async send() {
    const n = sentSoFar++;
    const connection = idle.pop() ?? new Connection(origin);
    const sent = performance.now();
    const status = await answerOf(connection, requestOf(n));
    const now = performance.now();
    if (status === null) {
      unanswered++;
      connection.close();
      return false;
    }
    idle.push(connection);
    waits.push({ status, fromDue: now - begin - schedule[n]!, fromSent: now - sent });
    return true;
  },
  now: () => performance.now(),
  async sleepUntil(time) {
    const rest = time - performance.now();
    if (rest > 3) await new Promise((resolve) => setTimeout(resolve, rest - 2));
    while (performance.now() < time) await new Promise(setImmediate);
  },
});
const isGood = (status: number) => status >= 200 && status < 300;
const accepted = waits.filter(({ status }) => isGood(status));
const refused = waits.filter(({ status }) => status === 503);
const result: FloodResult = {
  ...{ asked: schedule.length, accepted: accepted.length, refused: refused.length, unanswered },
  others: waits.length - accepted.length - refused.length,
  acceptedWait: latenciesOf(accepted.map(({ fromDue }) => fromDue)),
  refusalWait: latenciesOf(refused.map(({ fromSent }) => fromSent)),
};
process.stdout.write(JSON.stringify(result), () => process.exit(0));
