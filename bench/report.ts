import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { chartOf } from "./chart.ts";
import type { Growth } from "./growth.ts";
import { hasWrk } from "./load-generator.ts";
import { type Memory, onLinux } from "./process-under-test.ts";
import type { RunResult } from "./rounds.ts";

/** Turns a run into the table of README.md, baseline.json and the chart. Medians of the rounds throughout. */
export interface Report extends RunResult {
  readonly growth: Growth | null;
}

export interface Target {
  readonly what: string;
  readonly value: string;
  readonly limit: string;
  readonly isMet: boolean;
}

const here = (name: string) => new URL(name, import.meta.url);

export function report(result: Report, { write }: { write: boolean }): void {
  const markdown = markdownOf(result);
  process.stdout.write(`${markdown}\n`);
  if (!write) return;
  const { engine } = result.options;
  const readme = readFileSync(here("README.md"), "utf8");
  const section = new RegExp(`(<!-- ${engine}:begin -->\\n)[\\s\\S]*?(<!-- ${engine}:end -->)`);
  if (!section.test(readme)) throw new Error(`bench/README.md has lost its ${engine} markers`);
  writeFileSync(
    here("README.md"),
    readme.replace(section, (_, begin, end) => `${begin}\n${markdown}\n${end}`),
  );
  const baseline = JSON.parse(readFileSync(here("baseline.json"), "utf8")) as Record<string, unknown>;
  baseline[engine] = figuresOf(result);
  writeFileSync(here("baseline.json"), `${JSON.stringify(baseline, null, 2)}\n`);
  writeFileSync(here(`chart-${engine}.svg`), chartOf(result));
}

function idleMemory(idle: Memory | null): string {
  if (idle === null) return "";
  const [pss, resident] = [idle.pss, idle.resident].map((bytes) => (bytes / 1e6).toFixed(0));
  return `Idle memory of \`start\` (API, site, worker): ${pss} MB PSS, ${resident} MB resident.`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

type Figure = "perSecond" | "p50Millis" | "p99Millis" | "cpuMicros";

function figure(result: RunResult, id: string, name: Figure): number | null {
  const values = result.rows.find((row) => row.id === id)?.samples.map((sample) => sample[name]) ?? [];
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
}

/** The median of the rounds' own ratios: what a round's neighbours on the machine do hits both sides. */
function ratio(result: RunResult, id: string, floor: string, name: Figure): number | null {
  const [own, other] = [id, floor].map((one) => result.rows.find((row) => row.id === one)?.samples ?? []);
  const ratios = (own ?? []).flatMap((sample, i) => {
    const [value, base] = [sample[name], other?.[i]?.[name]];
    return value && base ? [value / base] : [];
  });
  return ratios.length === 0 ? null : median(ratios);
}

export function targetsOf(result: Report): Target[] {
  const sqlite = result.options.engine === "sqlite";
  const targets: Target[] = [];
  const add = (
    what: string,
    value: number | null,
    limit: number,
    show: (n: number) => string,
    atLeast = false,
  ) => {
    if (value === null) return;
    const isMet = atLeast ? value >= limit : value <= limit;
    targets.push({ what, value: show(value), limit: `${atLeast ? "≥" : "≤"} ${show(limit)}`, isMet });
  };
  const times = (n: number) => `${n.toFixed(2)}x`;
  add(
    "user-name count, CPU against its floor",
    ratio(result, "count", "count-floor", "cpuMicros"),
    sqlite ? 1.4 : 1.3,
    times,
  );
  add(
    "/user/, CPU against its floor",
    ratio(result, "user", "user-floor", "cpuMicros"),
    sqlite ? 1.6 : 1.5,
    times,
  );
  if (sqlite) {
    add("code request, CPU", figure(result, "code", "cpuMicros"), 250, (n) => `${n.toFixed(0)} µs`);
    add(
      "log-ins per second against the bare hash, one at once",
      ratio(result, "login-apart", "login-apart-floor", "perSecond"),
      0.95,
      times,
      true,
    );
    const crowded = ratio(result, "login", "login-floor", "perSecond");
    add("the same, two at once and the event loop on one core", crowded, 0.95, times, true);
    add(
      "p99 of a count while log-ins saturate against idle",
      ratio(result, "count-busy", "count-idle", "p99Millis"),
      10,
      times,
    );
    add("idle memory (PSS)", result.start?.idle?.pss ?? null, 100e6, (n) => `${(n / 1e6).toFixed(0)} MB`);
    add(
      "cold start to the first answer",
      result.start ? median(result.start.serverMillis) : null,
      1000,
      (n) => `${(n / 1000).toFixed(2)} s`,
    );
  }
  if (!sqlite) {
    const perSecond = (n: number) => `${n.toFixed(0)}/s`;
    const shared = ratio(result, "one-process", "two-processes", "cpuMicros");
    const twice = "two API processes against one, by the CPU of a request";
    add(twice, shared === null ? null : 2 * shared, 1.7, times, true);
    add("mails per worker process", figure(result, "mail", "perSecond"), 500, perSecond, true);
  }
  // Where a million accounts are to be expected; SQLite reads what its cache doesn't hold.
  for (const row of sqlite ? [] : (result.growth?.rows ?? [])) {
    const [small, large] = result.growth?.sizes ?? [0, 0];
    add(
      `${row.label}: ${large.toLocaleString("en")} accounts against ${small.toLocaleString("en")}`,
      growthOf(row, small, large),
      1.2,
      times,
    );
  }
  return targets;
}

function growthOf(row: Growth["rows"][number], small: number, large: number): number {
  const base = row.cpuMicros[small] ?? [];
  return median((row.cpuMicros[large] ?? []).map((value, i) => value / (base[i] ?? 1)));
}

function markdownOf(result: Report): string {
  const { options, start } = result;
  const number = (value: number | null, digits = 0) =>
    value === null
      ? "–"
      : value.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits });
  const rows = result.rows.map(({ id, label, floor }) => {
    const cpu = figure(result, id, "cpuMicros");
    const against = floor ? ratio(result, id, floor, "cpuMicros") : null;
    return `| ${label} | ${number(figure(result, id, "perSecond"), cpu !== null && cpu < 5000 ? 0 : 1)} | ${number(figure(result, id, "p50Millis"), 2)} | ${number(figure(result, id, "p99Millis"), 2)} | ${number(cpu)} | ${against === null ? "" : `${against.toFixed(2)}x`} |`;
  });
  const targets = targetsOf(result).map(
    ({ what, value, limit, isMet }) => `| ${what} | ${value} | ${limit} | ${isMet ? "met" : "**missed**"} |`,
  );
  const growth = (result.growth?.rows ?? []).map((row) => {
    const [small, large] = result.growth?.sizes ?? [0, 0];
    const cost = (size: number) => number(median(row.cpuMicros[size] ?? []));
    return `| ${row.label} | ${cost(small)} | ${cost(large)} | ${growthOf(row, small, large).toFixed(2)}x |`;
  });
  const parts = [
    `Made by \`${commandOf(result)}\` on ${new Date().toISOString().slice(0, 10)}: Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${process.platform} ${release()}, load by ${hasWrk ? "wrk" : "autocannon"}, ${options.rounds} rounds of ${options.seconds} s, ${options.accounts.toLocaleString("en")} accounts.${onLinux ? "" : " CPU time, memory and pinning are measured on Linux only."}`,
    `| request | per second | p50 ms | p99 ms | server CPU µs | CPU against floor |\n|---|--:|--:|--:|--:|--:|\n${rows.join("\n")}`,
  ];
  if (start) {
    const seconds = (values: readonly number[]) => `${(median(values) / 1000).toFixed(2)} s`;
    parts.push(
      `Cold start to the first answer (later starts): the server's process ${seconds(start.serverMillis)}, \`npm start\` ${seconds(start.npmMillis)}. ${idleMemory(start.idle)}`,
    );
  }
  if (growth.length > 0) {
    const [small, large] = result.growth?.sizes ?? [0, 0];
    parts.push(
      `| CPU µs per request, server${options.engine === "postgres" ? " and database" : ""} | ${small.toLocaleString("en")} accounts | ${large.toLocaleString("en")} accounts | growth |\n|---|--:|--:|--:|\n${growth.join("\n")}`,
    );
  }
  parts.push(`| target | measured | limit | |\n|---|--:|--:|---|\n${targets.join("\n")}`);
  return `${parts.join("\n\n")}\n`;
}

function commandOf({ options, growth }: Report): string {
  const flags = [
    `--engine ${options.engine}`,
    `--rounds ${options.rounds}`,
    `--seconds ${options.seconds}`,
    ...(growth ? [`--growth ${growth.sizes[1]}`] : []),
  ];
  return `npm run bench -- ${flags.join(" ")}`;
}

function figuresOf(result: Report): object {
  const names: Figure[] = ["perSecond", "p50Millis", "p99Millis", "cpuMicros"];
  const round = (value: number | null) => (value === null ? null : Math.round(value * 1000) / 1000);
  return {
    made: { at: new Date().toISOString(), node: process.version, command: commandOf(result) },
    subjects: Object.fromEntries(
      result.rows.map(({ id }) => [
        id,
        Object.fromEntries(names.map((name) => [name, round(figure(result, id, name))])),
      ]),
    ),
    start: result.start && {
      serverMillis: round(median(result.start.serverMillis)),
      npmMillis: round(median(result.start.npmMillis)),
      idle: result.start.idle,
    },
    growth: result.growth,
    targets: targetsOf(result),
  };
}
