import { readFileSync, writeFileSync } from "node:fs";
import { median } from "../figures.ts";
import type { Sample } from "../measure.ts";
import type { PeersOptions } from "../options.ts";
import { madeBy, writeSection } from "../report.ts";
import type { Engine } from "../stand.ts";
import { chartOfPeers } from "./chart-peers.ts";
import { floor, ours, type PeerRow, type PeersResult, peerRows } from "./peer.ts";

/** The tables, targets and charts of a run beside others: what README claims. */
export interface PeerRatio {
  readonly row: PeerRow;
  readonly peer: string;
  /** How many times our CPU a request costs there: the median of the rounds' own ratios, and the least and most of them. */
  readonly times: number;
  readonly from: number;
  readonly to: number;
}

const least: Readonly<Record<string, Readonly<Record<Engine, Readonly<Partial<Record<PeerRow, number>>>>>>> =
  {
    "better-auth": {
      sqlite: { count: 28, user: 28, code: 10 },
      postgres: { count: 20, user: 20, code: 10 },
    },
    Django: { sqlite: { count: 35, user: 35 }, postgres: { count: 25, user: 25 } },
  };

export function reportPeers(result: PeersResult, options: PeersOptions): void {
  const { engine } = result;
  const markdown = markdownOf(result, options);
  process.stdout.write(`${markdown}\n`);
  if (options.dry || options.only !== null) return;
  const chart = `chart-peers-${engine}.svg`;
  const title = engine === "sqlite" ? "SQLite" : "PostgreSQL";
  writeSection(
    `peers-${engine}`,
    `![Server CPU per request beside others on ${title}](${chart})\n\n${markdown}`,
  );
  const at = (name: string) => new URL(`../${name}`, import.meta.url);
  writeFileSync(at(chart), chartOfPeers(result));
  const baseline = JSON.parse(readFileSync(at("baseline.json"), "utf8")) as Record<string, unknown>;
  baseline[`peers-${engine}`] = {
    peers: result.peers,
    ratios: ratiosOf(result),
    cpuMicros: figuresOf(result),
  };
  writeFileSync(at("baseline.json"), `${JSON.stringify(baseline, null, 2)}\n`);
}

const micros = (samples: readonly Sample[] | undefined) =>
  (samples ?? []).flatMap(({ cpuMicros }) => (cpuMicros === null ? [] : [cpuMicros]));

export function ratiosOf({ rows, peers }: Pick<PeersResult, "rows" | "peers">): PeerRatio[] {
  return [...rows].flatMap(([row, samples]) => {
    const own = micros(samples.get(ours));
    return peers.flatMap(({ name }) => {
      const ratios = micros(samples.get(name)).map((value, round) => value / own[round]!);
      if (ratios.length === 0) return [];
      const [from, to] = [Math.min(...ratios), Math.max(...ratios)];
      return [{ row, peer: name, times: median(ratios), from, to }];
    });
  });
}

const figuresOf = ({ rows }: PeersResult) =>
  Object.fromEntries(
    [...rows].map(([row, samples]) => [
      row,
      Object.fromEntries([...samples].map(([name, all]) => [name, Math.round(median(micros(all)))])),
    ]),
  );

function markdownOf(result: PeersResult, options: PeersOptions): string {
  const { engine, peers, rows } = result;
  const ratios = ratiosOf(result);
  const names = [ours, floor, ...peers.map(({ name }) => name)];
  const cell = (samples: ReadonlyMap<string, readonly Sample[]>, name: string) => {
    const found = micros(samples.get(name));
    return found.length === 0 ? "–" : median(found).toLocaleString("en", { maximumFractionDigits: 0 });
  };
  const table = [...rows].map(([row, samples]) => {
    const times = peers.map(({ name }) => {
      const one = ratios.find((ratio) => ratio.row === row && ratio.peer === name);
      return one === undefined ? "–" : `${shown(one.times)} (${shown(one.from)} to ${shown(one.to)})`;
    });
    return `| ${[peerRows[row], ...names.map((name) => cell(samples, name)), ...times].join(" | ")} |`;
  });
  const head = [...["server CPU µs", ...names, ...peers.map(({ name }) => `${name} against ours`)]].join(
    " | ",
  );
  const judged = ratios.flatMap(({ row, peer, times }) => {
    const wanted = least[peer]?.[engine][row];
    if (wanted === undefined) return [];
    const verdict = times >= wanted ? "met" : "**missed**";
    return `| ${peerRows[row]}: ${peer} against ours | ${shown(times)} | ≥ ${shown(wanted)} | ${verdict} |`;
  });
  const made = peers.map((peer) => peer.made).join("; ");
  return [
    `${madeBy(commandOf(engine, options), options)} Beside it: ${made}.`,
    `| ${head} |\n|---|${"--:|".repeat(names.length + peers.length)}\n${table.join("\n")}`,
    `| target | measured | limit | |\n|---|--:|--:|---|\n${judged.join("\n")}`,
  ].join("\n\n");
}

const shown = (times: number) => `${times.toFixed(times < 10 ? 1 : 0)}x`;

function commandOf(engine: Engine, { rounds, seconds, only }: PeersOptions): string {
  const rest = only === null ? "" : ` --only ${only.join(",")}`;
  return `npm run bench -- --peers --engine ${engine} --rounds ${rounds} --seconds ${seconds}${rest}`;
}
