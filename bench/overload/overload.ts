import { readAmount, readOptions } from "../../scripts/read-options.ts";
import { cores, isHashing, measure, warmUp } from "../measure.ts";
import { useScratchFolder } from "../scratch-folder.ts";
import { openStand } from "../stand.ts";
import { subjectsOn } from "../subjects.ts";
import { type FloodResult, runFlood } from "./flood.ts";

/**
 * What becomes of requests when there are more than a process can answer: an open loop at a multiple of what a closed one
 * reached just before. The first seconds, in which nothing is refused yet, count like all others.
 */
const {
  engine: engineAsked,
  seconds: secondsAsked,
  only,
} = readOptions(
  "node bench/overload/overload.ts [--engine sqlite|postgres] [--seconds 10] [--only code,login,count]",
  {
    engine: { type: "string", default: "sqlite" },
    seconds: { type: "string", default: "10" },
    only: { type: "string", default: "code,login,count" },
  },
);
const seconds = readAmount("--seconds", secondsAsked, { whole: false });
const engine = engineAsked === "postgres" ? "postgres" : "sqlite";
/** Of what is the least that a process answers of its capacity meanwhile. */
const floods = [
  { id: "code", times: 3, goodput: 0.8 },
  { id: "login", times: 3, goodput: 0.8 },
  { id: "count", times: 1.5, goodput: 0.6 },
] as const;
const mostWaitMillis = 1000;

const progress = (text: string) => process.stderr.write(`${text}\n`);
useScratchFolder();
const stand = await openStand({ engine, accounts: 1000, core: cores.server, progress });
const server = await stand.startServer("serve");
const lines: string[] = [];
let isMet = true;
let firstNumber = 1_000_000_000;
try {
  for (const { id, times, goodput } of floods.filter((flood) => only.split(",").includes(flood.id))) {
    const subject = subjectsOn(stand, 1000).find((one) => one.id === id)!;
    progress(`${subject.label}: capacity`);
    const on = { subject, server, stand };
    await warmUp({ ...on, seconds: isHashing(subject) ? 3 : 1 });
    const capacity = (await measure({ ...on, seconds: isHashing(subject) ? 8 : 3 })).perSecond;
    progress(`${subject.label}: ${times} times as many`);
    const flood = { origin: server.origin, requests: subject.requests, perSecond: capacity * times, seconds };
    firstNumber += 10_000_000;
    const result = await runFlood({ ...flood, firstNumber }, { core: cores.generator, folder: stand.folder });
    const share = result.accepted / seconds / capacity;
    isMet &&= share >= goodput && result.acceptedWait.p99Millis <= mostWaitMillis && result.unanswered === 0;
    lines.push(lineOf(`${subject.label}, ${times}x`, capacity, share, result));
    progress(lines.at(-1)!);
    // Until the process has nothing left of it.
    await new Promise((resolve) => setTimeout(resolve, 3000));
  }
} finally {
  await server.stop();
  await stand.close();
}

function lineOf(label: string, capacity: number, share: number, result: FloodResult): string {
  const { acceptedWait, refusalWait, refused, others, unanswered } = result;
  const cells = [
    ...[label, capacity.toFixed(0), `${(100 * share).toFixed(0)} %`, acceptedWait.p99Millis.toFixed(0)],
    ...[refused, refusalWait.p50Millis.toFixed(1), refusalWait.p99Millis.toFixed(1), others, unanswered],
  ];
  return `| ${cells.join(" | ")} |`;
}

process.stdout.write(`On ${engine}, an open loop of ${seconds} s:\n
| flood | capacity a second | answered of it | p99 of the answered, ms | refused | a 503 after, p50 ms | p99 ms | other answers | unanswered |
| --- | --: | --: | --: | --: | --: | --: | --: | --: |
${lines.join("\n")}\n`);
process.exitCode = isMet ? 0 : 1;
