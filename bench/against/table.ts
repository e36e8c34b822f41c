import { median } from "../figures.ts";
import type { AgainstOptions } from "../options.ts";
import type { Engine } from "../stand.ts";
import type { Pair, Verdict } from "./verdict.ts";
import type { Commit } from "./work-tree.ts";

/** What is printed of one engine's comparison. */
export interface Comparison {
  readonly engine: Engine;
  readonly commit: Commit;
  readonly options: Pick<AgainstOptions, "pairs" | "seconds" | "accounts" | "limit">;
  readonly rows: readonly {
    readonly id: string;
    readonly label: string;
    readonly pairs: readonly Pair[];
    readonly verdict: Verdict;
  }[];
}

export function tableOf({ engine, commit, options, rows }: Comparison): string {
  const { pairs, seconds, accounts, limit } = options;
  const lines = rows.map(({ id, label, pairs: costs, verdict }) => {
    const [here, there] = (["here", "there"] as const).map((side) => micros(costs.map((cost) => cost[side])));
    const spread = `${ratio(verdict.low)} to ${ratio(verdict.high)}`;
    const judgement = verdict.isDearer ? "**dearer**" : "not dearer";
    return `| ${id} | ${label} | ${there} | ${here} | ${ratio(verdict.median)} | ${spread} | ${judgement} |`;
  });
  const dearer = rows.filter(({ verdict }) => verdict.isDearer).map(({ id }) => id);
  return `${engine}, against ${commit.line}: ${pairs} pairs of ${seconds} s, ${accounts.toLocaleString("en")} accounts.

| row | request | CPU µs there | here | ratio | spread of ${pairs} pairs | above ${limit}? |
|---|---|--:|--:|--:|--:|---|
${lines.join("\n")}

${dearer.length === 0 ? `No row is dearer on ${engine}.` : `Dearer on ${engine}: ${dearer.join(", ")}.`}
`;
}

const ratio = (value: number) => `${value.toFixed(3)}x`;

function micros(costs: readonly number[]): string {
  return median(costs).toLocaleString("en", { maximumFractionDigits: 0 });
}
