import { refuseOptions } from "../../scripts/read-options.ts";
import { cores, type Sample } from "../measure.ts";
import type { AgainstOptions } from "../options.ts";
import { onLinux } from "../process-under-test.ts";
import { useScratchFolder } from "../scratch-folder.ts";
import { type Sink, startSink } from "../smtp-sink.ts";
import type { Engine } from "../stand.ts";
import { ownTree } from "../tree.ts";
import { type Contestant, enter } from "./contestant.ts";
import { type JudgedRow, judged, judgedRows, loaded } from "./rows.ts";
import { tableOf } from "./table.ts";
import { judge, orderOf, type Pair, ratiosOf, type Side } from "./verdict.ts";
import { type Commit, checkOut, findCommit } from "./work-tree.ts";

/**
 * This checkout, as it stands, beside another commit: both in turn on the same machine, pair by pair, by the CPU of
 * their processes. Returns the exit code: 1 where a row is dearer. Ends the process where the commit can't be found.
 */
export async function compareWith(
  options: AgainstOptions,
  progress: (text: string) => void,
): Promise<number> {
  const commit = commitOf(options.ref);
  const folder = useScratchFolder();
  const { tree, isLinked } = checkOut(ownTree, commit, folder);
  if (!isLinked) progress("other packages there: they are installed first, which needs a network");
  const sink = await startSink(cores.generator);
  let dearer = 0;
  try {
    for (const engine of options.engines) {
      const pairs = await runPairs({
        options,
        engine,
        trees: { here: ownTree, there: tree },
        sink,
        progress,
      });
      const rows = [...pairs].map(([id, costs]) => ({
        ...{ id, label: judged[id], pairs: costs },
        verdict: judge(ratiosOf(costs), options.limit),
      }));
      dearer += rows.filter(({ verdict }) => verdict.isDearer).length;
      process.stdout.write(tableOf({ engine, commit, options, rows }));
    }
  } finally {
    await sink.close();
  }
  return dearer > 0 ? 1 : 0;
}

function commitOf(ref: string): Commit {
  if (!onLinux) refuseOptions("--against 只能在 Linux 上使用。", "--against works on Linux only.");
  const found = findCommit(ownTree, ref);
  if (found === "no-history")
    return refuseOptions(
      "--against 需要 git 和带有提交历史的代码。",
      "--against needs git and a checkout with its history.",
    );
  return (
    found ??
    refuseOptions(
      `--against：这里没有提交“${ref}”（浅克隆请先执行 git fetch --unshallow）。`,
      `--against: there is no commit "${ref}" here (in a shallow clone run git fetch --unshallow first).`,
    )
  );
}

interface Contest {
  readonly options: AgainstOptions;
  readonly engine: Engine;
  readonly trees: Readonly<Record<Side, string>>;
  readonly sink: Sink;
  readonly progress: (text: string) => void;
}

async function runPairs(contest: Contest): Promise<Map<JudgedRow, Pair[]>> {
  const { options, engine, trees } = contest;
  const wants = (row: JudgedRow) => options.only === null || options.only.includes(row);
  const progress = (text: string) => contest.progress(`${engine}: ${text}`);
  const { accounts, seconds, pairs: count } = options;
  const how = { engine, accounts, seconds, signUpPairs: wants("sign-up") ? count : 0, progress };
  const costs = new Map<JudgedRow, Pair[]>(judgedRows.filter(wants).map((row) => [row, []]));
  const sides: Partial<Record<Side, Contestant>> = {};
  try {
    for (const side of ["here", "there"] as const) {
      progress(`a first start ${side}, not counted`);
      sides[side] = await enter({ ...how, tree: trees[side] });
    }
    const both = sides as Record<Side, Contestant>;
    for (let pair = 0; pair < count; pair++) {
      await runPair(both, orderOf(pair), {
        ...{ sink: contest.sink, wants },
        progress: (row) => progress(`pair ${pair + 1} of ${count}: ${judged[row]}`),
        add: (row, cost) => costs.get(row)?.push(cost),
      });
    }
    return costs;
  } finally {
    for (const side of Object.values(sides)) await side.close();
  }
}

interface PairRun {
  readonly sink: Sink;
  readonly wants: (row: JudgedRow) => boolean;
  readonly progress: (row: JudgedRow) => void;
  add(row: JudgedRow, cost: Pair): void;
}

async function runPair(
  sides: Readonly<Record<Side, Contestant>>,
  order: readonly [Side, Side],
  { sink, wants, progress, add }: PairRun,
): Promise<void> {
  const row = async (name: JudgedRow, run: (side: Contestant) => Promise<Pick<Sample, "cpuMicros">>) => {
    progress(name);
    const cost = { here: 0, there: 0 };
    for (const side of order) cost[side] = (await run(sides[side])).cpuMicros ?? 0;
    add(name, cost);
  };
  const loadRow = async (name: JudgedRow) => {
    // Both before either is measured: the two measurements are as close to each other as can be.
    for (const side of order) await sides[side].warmUp(name);
    await row(name, (side) => side.load(name));
  };
  await row("start", async (side) => ({ cpuMicros: (await side.start()).cpuMicros() }));
  for (const name of loaded.filter(wants)) await loadRow(name);
  if (wants("sign-up")) await row("sign-up", (side) => side.signUp());
  // The mails of the next row are those of this one.
  if (wants("code") || wants("mail")) await loadRow("code");
  for (const side of order) await sides[side].stop();
  if (wants("mail")) await row("mail", (side) => side.mail(sink));
}
