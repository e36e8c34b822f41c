import { readAmount, readOptions, refuseOptions } from "../../scripts/read-options.ts";
import { median } from "../figures.ts";
import { cores, isHashing, measure, warmUp } from "../measure.ts";
import type { ProcessUnderTest } from "../process-under-test.ts";
import { useScratchFolder } from "../scratch-folder.ts";
import { collectCodes, measureSignUps, signUpRequest } from "../sign-up.ts";
import { type Engine, openStand, type Stand } from "../stand.ts";
import { subjectsOn } from "../subjects.ts";
import { type Flood, type FloodResult, runFlood } from "./flood.ts";

/**
 * What becomes of requests when there are more than a process can answer: an open loop at a multiple of what a closed one
 * reached just before. The first seconds, in which nothing is refused yet, count like all others.
 */
/** Of what is the least that a process answers of its capacity meanwhile. */
const floods = [
  { id: "code", label: "code request", times: 3, goodput: 0.8 },
  { id: "sign-up", label: "sign-up", times: 3, goodput: 0.8 },
  { id: "login", label: "log-in", times: 3, goodput: 0.8 },
  { id: "count", label: "user-name count", times: 1.5, goodput: 0.6 },
] as const;
type Kind = (typeof floods)[number];
const known = floods.map(({ id }) => id).join(",");
const given = readOptions(
  `node bench/overload/overload.ts [--engine sqlite|postgres|both] [--seconds 10] [--rounds 3] [--only ${known}]`,
  {
    engine: { type: "string", default: "both" },
    seconds: { type: "string", default: "10" },
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: known },
  },
);
const seconds = readAmount("--seconds", given.seconds, { whole: false });
const rounds = readAmount("--rounds", given.rounds, { whole: true });
const asked = floods.filter(({ id }) => given.only.split(",").includes(id));
if (asked.length === 0) refuseOptions(`--only 可用的有：${known}。`, `--only takes some of ${known}.`);
const engines: readonly Engine[] =
  given.engine === "both" ? ["sqlite", "postgres"] : [given.engine === "postgres" ? "postgres" : "sqlite"];
const mostWaitMillis = 1000;
const mostRefusalMillis = 50;

const progress = (text: string) => process.stderr.write(`${text}\n`);
useScratchFolder();
let firstNumber = 1_000_000_000;
let isMet = true;

/** One flood, and what the process was able to do just before. */
interface Outcome extends FloodResult {
  readonly capacity: number;
  /** Of the capacity, what was answered meanwhile. */
  readonly share: number;
  /** CPU microseconds that are left for each refusal, where an accepted one costs what it did before; null where unknown. */
  readonly refusalMicros: number | null;
}

async function floodOn(stand: Stand, server: ProcessUnderTest, { id, times }: Kind): Promise<Outcome> {
  const capacity = await capacityOf(stand, server, id);
  const perSecond = capacity.perSecond * times;
  const requests = await requestsOf(stand, server, id, Math.ceil(perSecond * seconds));
  firstNumber += 10_000_000;
  const flood: Flood = { origin: server.origin, requests, perSecond, seconds, firstNumber };
  const before = server.cpuMicros();
  const result = await runFlood(flood, { core: cores.generator, folder: stand.folder });
  const after = server.cpuMicros();
  const spent =
    before === null || after === null || capacity.cpuMicros === null
      ? null
      : after - before - result.accepted * capacity.cpuMicros;
  return {
    ...{ ...result, capacity: capacity.perSecond, share: result.accepted / seconds / capacity.perSecond },
    refusalMicros: spent === null || result.refused === 0 ? null : Math.max(0, spent) / result.refused,
  };
}

const subjectOn = (stand: Stand, id: string) => subjectsOn(stand, 1000).find((one) => one.id === id)!;

async function capacityOf(stand: Stand, server: ProcessUnderTest, id: Kind["id"]) {
  if (id === "sign-up") return measureSignUps(server);
  const subject = subjectOn(stand, id);
  const on = { subject, server, stand };
  await warmUp({ ...on, seconds: isHashing(subject) ? 3 : 1 });
  return measure({ ...on, seconds: isHashing(subject) ? 8 : 3 });
}

/** Each sign-up has a code of its own, which is asked for before. */
async function requestsOf(stand: Stand, server: ProcessUnderTest, id: Kind["id"], count: number) {
  if (id !== "sign-up") return subjectOn(stand, id).requests;
  const codes = await collectCodes(server.origin, count);
  return [...codes].map(([email, code]) => ({
    ...{ method: "POST" as const, path: "/users/", body: JSON.stringify(signUpRequest(email, code)) },
  }));
}

async function linesOn(engine: Engine): Promise<string[]> {
  const stand = await openStand({ engine, accounts: 1000, core: cores.server, progress });
  const server = await stand.startServer("serve");
  // Puts the codes of the sign-ups into the mailbox; elsewhere than on the server's core.
  const worker = asked.some(({ id }) => id === "sign-up") ? stand.startWorker({}, cores.generator) : null;
  const outcomes = new Map<Kind, Outcome[]>();
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const kind of asked) {
        progress(
          `${engine}, round ${round} of ${rounds}: ${kind.label}, ${kind.times} times as many as it answers`,
        );
        const outcome = await floodOn(stand, server, kind);
        outcomes.set(kind, [...(outcomes.get(kind) ?? []), outcome]);
        progress(lineOf(kind, [outcome]));
        // Until the process has nothing left of it.
        await new Promise((resolve) => setTimeout(resolve, 3000));
      }
    }
  } finally {
    await worker?.stop();
    await server.stop();
    await stand.close();
  }
  return [...outcomes].map(([kind, all]) => {
    isMet &&= judged(kind, all);
    return lineOf(kind, all);
  });
}

const middle = (all: readonly Outcome[], read: (one: Outcome) => number) => median(all.map(read));

function judged({ goodput }: Kind, all: readonly Outcome[]): boolean {
  return (
    middle(all, ({ share }) => share) >= goodput &&
    middle(all, ({ acceptedWait }) => acceptedWait.p99Millis) <= mostWaitMillis &&
    middle(all, ({ refusalWait }) => refusalWait.p50Millis) <= mostRefusalMillis &&
    all.every(({ unanswered }) => unanswered === 0)
  );
}

function lineOf({ label, times }: Kind, all: readonly Outcome[]): string {
  const sum = (read: (one: Outcome) => number) => all.reduce((total, one) => total + read(one), 0);
  const micros = all.flatMap(({ refusalMicros }) => refusalMicros ?? []);
  const cells = [
    `${label}, ${times}x`,
    middle(all, ({ capacity }) => capacity).toFixed(0),
    `${(100 * middle(all, ({ share }) => share)).toFixed(0)} %`,
    middle(all, ({ acceptedWait }) => acceptedWait.p99Millis).toFixed(0),
    sum(({ refused }) => refused),
    middle(all, ({ refusalWait }) => refusalWait.p50Millis).toFixed(1),
    middle(all, ({ refusalWait }) => refusalWait.p99Millis).toFixed(1),
    micros.length === 0 ? "–" : median(micros).toFixed(0),
    middle(all, ({ late }) => late.p99Millis).toFixed(0),
    sum(({ others }) => others),
    sum(({ unanswered }) => unanswered),
  ];
  return `| ${cells.join(" | ")} |`;
}

for (const engine of engines) {
  const lines = await linesOn(engine);
  process.stdout.write(`On ${engine}, open loops of ${seconds} s, median of ${rounds}:\n
| flood | capacity a second | answered of it | p99 of the answered, ms | refused | a 503 after, p50 ms | p99 ms | CPU µs a refusal | sent late, p99 ms | other answers | unanswered |
| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |
${lines.join("\n")}\n\n`);
}
process.exitCode = isMet ? 0 : 1;
