import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { chartOf } from "./chart.ts";
import { type Figure, figure, growthOf, median, type Report, ratio } from "./figures.ts";
import type { Growth } from "./growth.ts";
import { type Memory, onLinux } from "./process-under-test.ts";
import type { RoundOptions, Row } from "./rounds.ts";
import { targetsOf } from "./targets.ts";
import { ownTree } from "./tree.ts";

/** Turns a run into the tables of README.md, baseline.json and the chart. */
const here = (name: string) => new URL(name, import.meta.url);

export function report(result: Report, { write }: { write: boolean }): void {
  const markdown = markdownOf(result);
  process.stdout.write(`${markdown}\n`);
  if (!write) return;
  const { engine } = result.options;
  writeSection(engine, markdown);
  const baseline = JSON.parse(readFileSync(here("baseline.json"), "utf8")) as Record<string, unknown>;
  baseline[engine] = figuresOf(result);
  writeFileSync(here("baseline.json"), `${JSON.stringify(baseline, null, 2)}\n`);
  writeFileSync(here(`chart-${engine}.svg`), chartOf(result));
}

/** What stands between two markers of README.md from now on. */
export function writeSection(name: string, markdown: string): void {
  const readme = readFileSync(here("README.md"), "utf8");
  const section = new RegExp(`(<!-- ${name}:begin -->\\n)[\\s\\S]*?(<!-- ${name}:end -->)`);
  if (!section.test(readme)) throw new Error(`bench/README.md has lost its ${name} markers`);
  const written = readme.replace(section, (_, begin, end) => `${begin}\n${markdown}\n${end}`);
  writeFileSync(here("README.md"), written);
}

function markdownOf(result: Report): string {
  const [waits, costs] = [true, false].map((waited) =>
    result.rows.filter(({ samples }) => (samples[0]?.latencies !== undefined) === waited),
  ) as [Row[], Row[]];
  const parts = [
    madeBy(commandOf(result), result.options),
    costTable(result, costs),
    waitTable(result, waits),
    startLine(result),
  ];
  parts.push(growthTable(result));
  const targets = targetsOf(result).map(
    ({ what, value, limit, isMet }) => `| ${what} | ${value} | ${limit} | ${isMet ? "met" : "**missed**"} |`,
  );
  parts.push(table("| target | measured | limit | |\n|---|--:|--:|---|", targets));
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

const table = (head: string, rows: readonly string[]) =>
  rows.length === 0 ? "" : `${head}\n${rows.join("\n")}`;

const number = (value: number | null, digits = 0) =>
  value === null
    ? "–"
    : value.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits });

export function madeBy(
  command: string,
  { rounds, seconds, accounts }: Pick<RoundOptions, "rounds" | "seconds" | "accounts">,
): string {
  const made = `Made by \`${command}\` on ${new Date().toISOString().slice(0, 10)} of ${codeMeasured()}`;
  const machine = `Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${process.platform} ${release()}`;
  const elsewhere = onLinux ? "" : " CPU time, memory and pinning are measured on Linux only.";
  return `${made}: ${machine}, ${rounds} rounds of ${seconds} s, ${accounts.toLocaleString("en")} accounts.${elsewhere}`;
}

/** Which code the figures are of, as far as git can tell. */
function codeMeasured(): string {
  const git = (...args: string[]) =>
    spawnSync("git", args, { cwd: ownTree, encoding: "utf8" }).stdout?.trim();
  const commit = git("rev-parse", "--short", "HEAD");
  if (!commit) return "a copy without history";
  const changed = git("status", "--porcelain", "--", "server", "bench/*.ts", "package-lock.json");
  return `commit ${commit}${changed ? " with changes" : ""}`;
}

function costTable(result: Report, rows: readonly Row[]): string {
  const lines = rows.map(({ id, label, floor }) => {
    const cpu = figure(result, id, "cpuMicros");
    const against = floor ? ratio(result, id, floor, "cpuMicros") : null;
    const each = number(figure(result, id, "perSecond"), cpu !== null && cpu < 5000 ? 0 : 1);
    return `| ${label} | ${each} | ${number(cpu)} | ${against === null ? "" : `${against.toFixed(2)}x`} |`;
  });
  return table("| request | per second | server CPU µs | CPU against floor |\n|---|--:|--:|--:|", lines);
}

function waitTable(result: Report, rows: readonly Row[]): string {
  const lines = rows.map(({ id, label }) => {
    const millis = (["p50Millis", "p99Millis", "maxMillis"] as const).map((name) =>
      number(figure(result, id, name), 2),
    );
    return `| ${label} | ${number(figure(result, id, "perSecond"))} | ${millis.join(" | ")} |`;
  });
  return table(
    "| wait for | asked per second | p50 ms | p99 ms | longest ms |\n|---|--:|--:|--:|--:|",
    lines,
  );
}

function startLine({ start }: Report): string {
  if (!start) return "";
  const seconds = (values: readonly number[]) => `${(median(values) / 1000).toFixed(2)} s`;
  const [launcher, npm] = [start.serverMillis, start.npmMillis].map(seconds);
  return `Cold start to the first answer (later starts): the launcher ${launcher}, \`npm start\` ${npm}. ${idleMemory(start.idle)}`;
}

function idleMemory(idle: Memory | null): string {
  if (idle === null) return "";
  const [pss, resident] = [idle.pss, idle.resident].map((bytes) => (bytes / 1e6).toFixed(0));
  return `Idle memory of \`start\` (API, site, worker): ${pss} MB PSS, ${resident} MB resident.`;
}

function growthTable({ growth, options }: Report): string {
  if (growth === null) return "";
  const whose = options.engine === "postgres" ? "server and database" : "server";
  const tableOf = (rows: Growth["rows"], what: string) => {
    const lines = rows.map((row) => {
      const [small, large] = growth.sizes.map((size) => number(median(row.cpuMicros[size] ?? [])));
      return `| ${row.label} | ${small} | ${large} | ${growthOf(row, growth.sizes).toFixed(2)}x |`;
    });
    const [small, large] = growth.sizes.map((size) => `${size.toLocaleString("en")} ${what}`);
    return table(`| CPU µs per request, ${whose} | ${small} | ${large} | growth |\n|---|--:|--:|--:|`, lines);
  };
  const parts = [tableOf(growth.rows, "accounts"), tableOf(growth.sessions, "sessions"), purgeLine(growth)];
  return parts.filter(Boolean).join("\n\n");
}

function purgeLine({ purge }: Growth): string {
  if (purge === null) return "";
  const [old, all] = [number(purge.before.old), number(purge.before.all)];
  const each = purge.cpuMicros === null ? "" : `, ${number(purge.cpuMicros)} µs of CPU each`;
  return `Purge: ${old} of ${all} sessions, ended or expired, removed beside other work in ${number(purge.seconds)} s${each}.`;
}

function commandOf({ options, growth }: Report): string {
  const flags = [
    `--engine ${options.engine}`,
    `--rounds ${options.rounds}`,
    `--seconds ${options.seconds}`,
    ...(growth ? [`--growth ${growth.sizes[1]}`] : []),
    ...(options.only ? [`--only ${options.only.join(",")}`] : []),
  ];
  return `npm run bench -- ${flags.join(" ")}`;
}

function figuresOf(result: Report): object {
  const names: Figure[] = ["perSecond", "cpuMicros", "p50Millis", "p99Millis", "maxMillis"];
  const round = (value: number | null) => (value === null ? null : Math.round(value * 1000) / 1000);
  const known = (id: string) =>
    names.flatMap((name) => {
      const value = figure(result, id, name);
      return value === null ? [] : [[name, round(value)] as const];
    });
  return {
    made: {
      ...{ at: new Date().toISOString(), of: codeMeasured(), node: process.version },
      command: commandOf(result),
    },
    subjects: Object.fromEntries(result.rows.map(({ id }) => [id, Object.fromEntries(known(id))])),
    start: result.start && {
      serverMillis: round(median(result.start.serverMillis)),
      npmMillis: round(median(result.start.npmMillis)),
      idle: result.start.idle,
    },
    growth: result.growth,
    targets: targetsOf(result),
  };
}
