import { readAmount, readOptions } from "../../scripts/read-options.ts";
import { createApp } from "../../server/src/app/app.ts";
import { readConfig } from "../../server/src/config/config.ts";
import { createLog } from "../../server/src/kernel/log.ts";
import { nameOf, password } from "../accounts.ts";
import { median } from "../figures.ts";
import { useScratchFolder } from "../scratch-folder.ts";
import { openStand } from "../stand.ts";
import { fillTables, fillUp } from "./fill.ts";
import { requestsOf } from "./requests.ts";
import { type Held, startStopwatch } from "./stopwatch.ts";

/**
 * How long the event loop of a process on SQLite is held at the most, by any route, the metrics and the maintenance, with
 * a million rows in every table that grows: SQLite is in the process, so everybody waits for as long. In one process with
 * the product, because a clock outside can't tell a held loop from a machine that is busy otherwise.
 */
const { rows: rowsAsked, runs: runsAsked } = readOptions(
  "node bench/standstill/standstill.ts [--rows 1000000] [--runs 5]",
  { rows: { type: "string", default: "1000000" }, runs: { type: "string", default: "5" } },
);
const rows = readAmount("--rows", rowsAsked, { whole: true });
const runs = readAmount("--runs", runsAsked, { whole: true });
const limitMillis = 20;

const progress = (text: string) => process.stderr.write(`${text}\n`);
const now = () => Math.floor(performance.timeOrigin + performance.now());

useScratchFolder();
const stand = await openStand({ engine: "sqlite", accounts: rows, core: null, progress });
const file = stand.database.slice("sqlite:".length);
progress("filling the other tables");
fillTables(file, rows, now());

const config = readConfig({ ...stand.environment, METRICS_PORT: "1" });
const app = await createApp({ config: { ...config, secretKey: stand.secretKey }, log: createLog("silent") });
await app.api.ready();
const stopwatch = startStopwatch();
const worst = new Map<string, Held[]>();

/** A turn of its own before it, so that nothing else is in the figure. */
async function timed(label: string, work: () => Promise<unknown>): Promise<Held> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  stopwatch.reset();
  await work();
  await new Promise((resolve) => setTimeout(resolve, 5));
  const held = stopwatch.read();
  worst.set(label, [...(worst.get(label) ?? []), held]);
  return held;
}

async function oneRun(run: number): Promise<Held> {
  fillUp(file, rows, now());
  const payload = { username: nameOf(7), password };
  const logIn = await app.api.inject({ method: "POST", url: "/users/authorizations/", payload });
  const found: Held[] = [];
  for (const { label, request } of requestsOf(logIn.json().token, run)) {
    progress(`run ${run} of ${runs}: ${label}`);
    found.push(
      await timed(label, async () => {
        const answer = await app.api.inject(request);
        if (answer.statusCode >= 400) throw new Error(`${label}: ${answer.statusCode} ${answer.body}`);
      }),
    );
  }
  found.push(await timed("/metrics", () => app.metrics!.registry.metrics()));
  progress(`run ${run} of ${runs}: maintenance`);
  found.push(await timed("a round of the maintenance", () => app.maintenance.run()));
  return found.reduce((most, held) => (held.call > most.call ? held : most));
}

const worstOfRuns: Held[] = [];
for (let run = 1; run <= runs; run++) worstOfRuns.push(await oneRun(run));
await app.close();
await stand.close();

const shown = [...worst]
  .map(([label, held]) => ({
    label,
    call: median(held.map(({ call }) => call)),
    turn: median(held.map(({ turn }) => turn)),
  }))
  .sort((a, b) => b.call - a.call);
const lines = shown
  .slice(0, 12)
  .map(({ label, call, turn }) => `| ${label} | ${call.toFixed(1)} | ${turn.toFixed(1)} |`);
const figure = median(worstOfRuns.map(({ call }) => call));
process.stdout.write(`${rows.toLocaleString("en")} rows in each table, median of ${runs} runs\n
| | longest call, ms | longest turn, ms |\n| --- | --: | --: |\n${lines.join("\n")}\n
Longest time inside one call, worst of all, median of the runs: ${figure.toFixed(1)} ms, wanted at most ${limitMillis} ms.
The calls: ${worstOfRuns.map(({ call, sql }) => `\n${call.toFixed(1)} ms: ${sql.replaceAll(/\s+/g, " ").slice(0, 200)}`).join("")}\n`);
process.exitCode = figure <= limitMillis ? 0 : 1;
