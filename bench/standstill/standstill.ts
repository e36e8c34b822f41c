import { resolve } from "node:path";
import { readAmount, readOptions, refuseOptions } from "../../scripts/read-options.ts";
import { createApp } from "../../server/src/app/app.ts";
import { readConfig } from "../../server/src/config/config.ts";
import { createLog } from "../../server/src/kernel/log.ts";
import { nameOf, password } from "../accounts.ts";
import { median } from "../figures.ts";
import { useScratchFolder } from "../scratch-folder.ts";
import { type Engine, openStand } from "../stand.ts";
import { fillTables, wearTables } from "./fill.ts";
import { requestsOf } from "./requests.ts";
import { type Held, startStopwatch } from "./stopwatch.ts";

/**
 * How long the event loop of a process on SQLite is held at the most, by any route, the metrics, the jobs and the maintenance,
 * with a million rows in every table that grows: SQLite is in the process, so everybody waits for as long. In one process with
 * the product, because a clock outside can't tell a held loop from a machine that is busy otherwise. On PostgreSQL nobody else
 * waits for a statement, so there the answers of the lists are judged alone.
 */
const asked = readOptions(
  "node bench/standstill/standstill.ts [--engine sqlite|postgres] [--rows 1000000] [--runs 5] [--keep <folder of the filled database>]",
  {
    engine: { type: "string", default: "sqlite" },
    rows: { type: "string", default: "1000000" },
    runs: { type: "string", default: "5" },
    keep: { type: "string" },
  },
);
const rows = readAmount("--rows", asked.rows, { whole: true });
const runs = readAmount("--runs", asked.runs, { whole: true });
const engine = readEngine(asked.engine);
const limitMillis = 20;
/** Rows are numbered by it; times what spreads them out, a greater number is beyond PostgreSQL's bigint. */
const mostWorn = 100_000;
/** How long a list may take until it is answered. */
const listLimitMillis = 200;

function readEngine(name: string): Engine {
  if (name === "sqlite" || name === "postgres") return name;
  return refuseOptions("--engine 请写 sqlite 或 postgres。", "--engine is sqlite or postgres.");
}

const progress = (text: string) => process.stderr.write(`${text}\n`);
const now = () => Math.floor(performance.timeOrigin + performance.now());

useScratchFolder();
const keep = asked.keep === undefined ? {} : { keep: resolve(asked.keep) };
const stand = await openStand({ engine, accounts: rows, core: null, progress, ...keep });
if (!stand.isKept) {
  progress("filling the other tables");
  await fillTables(stand.database, { rows, nowMillis: now() });
}

const config = readConfig({ ...stand.environment, METRICS_PORT: "1", AUDIT_CHAIN: "on" });
const app = await createApp({ config: { ...config, secretKey: stand.secretKey }, log: createLog("silent") });
await app.api.ready();
const stopwatch = startStopwatch();
interface Timed extends Held {
  /** From the request to its answer. */
  readonly answer: number;
}
const labels = new Map<string, Timed[]>();

/** A turn of its own before it, so that nothing else is in the figure. */
async function timed(label: string, work: () => Promise<unknown>): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  stopwatch.reset();
  const began = performance.now();
  await work();
  const answer = performance.now() - began;
  await new Promise((resolve) => setTimeout(resolve, 5));
  const held = { ...stopwatch.read(), answer };
  if (Math.max(held.callCpu, held.turnCpu) > limitMillis / 2) progress(`  ${label}: ${lineOf(held)}`);
  labels.set(label, [...(labels.get(label) ?? []), held]);
}

async function oneRun(run: number): Promise<void> {
  progress(`run ${run} of ${runs}: wearing the tables`);
  await wearTables(stand.database, { rows, nowMillis: now() }, now() % mostWorn);
  const payload = { username: nameOf(7), password };
  const logIn = await app.api.inject({ method: "POST", url: "/users/authorizations/", payload });
  progress(`run ${run} of ${runs}: requests`);
  for (const { label, request } of requestsOf(logIn.json().token, run)) {
    await timed(label.replace(/\d{4,}/, "…"), async () => {
      const answer = await app.api.inject(request);
      if (answer.statusCode >= 400) throw new Error(`${label}: ${answer.statusCode} ${answer.body}`);
    });
  }
  await timed("/metrics", () => app.metrics!.registry.metrics());
  progress(`run ${run} of ${runs}: maintenance`);
  await timed("a round of the maintenance", () => app.maintenance.run());
  // There nobody waits for them, and an erasure among so many rows takes longer than what is done by hand may.
  if (engine === "postgres") return;
  progress(`run ${run} of ${runs}: jobs`);
  await timed("the jobs that are due", () => app.worker.runDue());
}

const lineOf = ({ call, callCpu, turn, turnCpu, sql }: Held) =>
  `call ${call.toFixed(1)} ms, worked ${callCpu.toFixed(1)}; turn ${turn.toFixed(1)}, worked ${turnCpu.toFixed(1)}; ${sql.replaceAll(/\s+/g, " ").slice(0, 160)}`;

for (let run = 1; run <= runs; run++) await oneRun(run);
stopwatch.stop();
await app.close();
await stand.close();

const figures = ["call", "callCpu", "turn", "turnCpu", "answer"] as const;
const shown = [...labels]
  .map(([label, helds]) => ({
    label,
    values: figures.map((name) => median(helds.map((held) => held[name]))),
  }))
  .sort((a, b) => (b.values[3] ?? 0) - (a.values[3] ?? 0));
const cells = (values: readonly number[]) => values.map((value) => value.toFixed(1)).join(" | ");
const worstOf = (list: typeof shown) =>
  figures.map((_, i) => Math.max(0, ...list.map(({ values }) => values[i] ?? 0)));
const lists = shown.filter(({ label }) => label.startsWith("GET /admin/"));
const slowest = lists.toSorted((a, b) => (b.values[4] ?? 0) - (a.values[4] ?? 0));
const [worst, ofLists] = [worstOf(shown), worstOf(lists)];
const isNeverHeld = engine === "postgres" || Math.max(...worst.slice(0, 4)) <= limitMillis;
const isMet = isNeverHeld && ofLists[4]! <= listLimitMillis;
process.stdout.write(`${engine}: ${rows.toLocaleString("en")} rows in each table, median of ${runs} runs, ms\n
| | longest call | its work | longest turn | its work | the answer |\n| --- | --: | --: | --: | --: | --: |
${shown
  .slice(0, 20)
  .map(({ label, values }) => `| ${label} | ${cells(values)} |`)
  .join("\n")}
| the slowest lists | | | | | |
${slowest
  .slice(0, 8)
  .map(({ label, values }) => `| ${label} | ${cells(values)} |`)
  .join("\n")}
| worst of all ${shown.length} | ${cells(worst)} |
| worst of ${lists.length} lists of the administration | ${cells(ofLists)} |\n
Wanted: at most ${limitMillis} ms in a call and a turn, and a list's answer within ${listLimitMillis} ms. On a busy machine the work alone says something.\n`);
process.exitCode = isMet ? 0 : 1;
