import { readFileSync } from "node:fs";
import { Connection } from "../load/connection.ts";
import { latenciesOf } from "../load/latencies.ts";
import { requestBytes } from "../load/request-bytes.ts";
import type { Flood, FloodResult } from "./flood.ts";

/**
 * The flood of the file that argv names; prints a FloodResult. Whatever is answered is counted, nothing is a failure. What is
 * due is sent together, each millisecond, so that answers are read however many there are, and the engines have of this core
 * what the generator leaves.
 */
const flood = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Flood;
const origin = new URL(flood.origin);
const next = requestBytes({ ...flood, firstTurn: 0 });
/** After the last was sent. */
const patienceMillis = 30_000;
/**
 * As many as requests of a second, and below what a process may have open. They are there before the flood, as a proxy's are: Node
 * accepts one a turn of its event loop. A request that finds none free waits for one, from when it was due.
 */
const connections = Math.min(10_000, Math.ceil(flood.perSecond));

const idle: Connection[] = [];
let answered = 0;
let broken = 0;
const asked = Math.floor(flood.perSecond * flood.seconds);
const [status, fromDue, fromSent, late] = [
  new Uint16Array(asked),
  new Float64Array(asked),
  new Float64Array(asked),
  new Float64Array(asked),
];
const dueAt = (n: number) => (n * 1000) / flood.perSecond;

function send(n: number, at: number, connection: Connection): void {
  late[n] = at - dueAt(n);
  connection.send(next()).then(
    (code) => {
      const now = performance.now() - begin;
      status[n] = code;
      fromDue[n] = now - dueAt(n);
      fromSent[n] = now - at;
      answered++;
      idle.push(connection);
    },
    () => {
      broken++;
      connection.close();
    },
  );
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 1));
while (idle.length < connections) {
  idle.push(new Connection(origin));
  // Fewer at once than the kernel keeps for a process.
  if (idle.length % 100 === 0) await turn();
}
await new Promise((resolve) => setTimeout(resolve, 1000));
const begin = performance.now();
for (let sent = 0; sent < asked; await turn()) {
  const at = performance.now() - begin;
  while (sent < asked && dueAt(sent) <= at) {
    const connection = idle.pop();
    if (connection === undefined) break;
    send(sent++, at, connection);
  }
}
const until = performance.now() + patienceMillis;
while (answered + broken < asked && performance.now() < until) await turn();

const those = (wanted: (code: number) => boolean, values: Float64Array) =>
  latenciesOf([...values].filter((_, n) => wanted(status[n]!)));
const count = (wanted: (code: number) => boolean) => status.filter(wanted).length;
const isGood = (code: number) => code >= 200 && code < 300;
const isRefused = (code: number) => code === 503;
const result: FloodResult = {
  ...{ asked, accepted: count(isGood), refused: count(isRefused), unanswered: count((code) => code === 0) },
  others: count((code) => code !== 0 && !isGood(code) && !isRefused(code)),
  acceptedWait: those(isGood, fromDue),
  refusalWait: those(isRefused, fromSent),
  late: latenciesOf([...late]),
};
process.stdout.write(JSON.stringify(result), () => process.exit(0));
