import { readAmount, readOptions, refuseOptions } from "../scripts/read-options.ts";
import { judgedRows } from "./against/rows.ts";
import { fewestPairs } from "./against/verdict.ts";
import { parts } from "./rounds.ts";
import type { Engine } from "./stand.ts";

/** What `npm run bench` was asked for: the tables of README.md, or a comparison with another version. */
export type BenchOptions = TableOptions | AgainstOptions;

interface Common {
  readonly engines: readonly Engine[];
  readonly seconds: number;
  readonly accounts: number;
  readonly only: readonly string[] | null;
}

export interface TableOptions extends Common {
  readonly kind: "tables";
  readonly rounds: number;
  readonly growth: number | null;
  readonly dry: boolean;
}

export interface AgainstOptions extends Common {
  readonly kind: "against";
  /** Whatever git takes for a commit. */
  readonly ref: string;
  readonly pairs: number;
  readonly limit: number;
}

const usage = `
npm run bench -- [--rounds 5] [--seconds 3] [--accounts 1000] [--engine sqlite|postgres|both]
                 [--only count,user] [--growth 1000000] [--dry]
npm run bench -- --against <commit> [--pairs 9] [--limit 1.05] [--seconds 1.5] [--accounts 1000]
                 [--engine sqlite|postgres|both] [--only count,user]

The first measures the product and its floors, and writes the tables, figures and charts of bench/README.md.
The second measures this checkout and another commit in turn, and ends with 1 where a request became dearer.
第一种用法测量本产品及其下限，并更新 bench/README.md 中的表格、数据和图。
第二种用法轮流测量当前代码和另一个提交；有请求变贵时以 1 结束。

  --rounds 5            rounds, every subject once in each 轮数，每轮每项测一次
  --seconds 3           seconds a subject and round, or a row and run 每轮每项的秒数
  --accounts 1000       accounts in the database 数据库中的账号数
  --engine sqlite       or postgres, which is PostgreSQL with Redis, or both 或 postgres（PostgreSQL 和 Redis），或 both
  --only count,user     these rows alone; writes nothing 只测这几项，不写文件
  --growth 1000000      measure with this many accounts, too, and compare 另用这么多账号再测一次并比较
  --dry                 print, write nothing 只显示，不写文件
  --against <commit>    a commit, branch or tag to compare with 要比较的提交、分支或标签
  --pairs 9             runs of both, at least ${fewestPairs} 两者各测的次数，至少 ${fewestPairs}
  --limit 1.05          dearer is what lies wholly above this ratio 整个范围高于此比值才算变贵
`;

/** Ends the process where the command line can't be understood, or asks for help. */
export function readBenchOptions(): BenchOptions {
  const text = { type: "string" } as const;
  const values = readOptions(usage, {
    ...{ engine: text, rounds: text, seconds: text, accounts: text, only: text, growth: text },
    ...{ against: text, pairs: text, limit: text, dry: { type: "boolean" } },
  });
  const ofTables = ["rounds", "growth", "dry"] as const;
  const ofAgainst = ["pairs", "limit"] as const;
  const isAgainst = values.against !== undefined;
  const odd = (isAgainst ? ofTables : ofAgainst).find((name) => values[name] !== undefined);
  if (odd !== undefined) {
    if (isAgainst) refuseOptions(`--${odd} 不能与 --against 同用。`, `--${odd} does not go with --against.`);
    refuseOptions(`--${odd} 只与 --against 同用。`, `--${odd} goes with --against only.`);
  }
  const common = {
    engines: enginesOf(values.engine ?? (isAgainst ? "both" : "sqlite")),
    seconds: readAmount("--seconds", values.seconds ?? (isAgainst ? "1.5" : "3"), { whole: false }),
    accounts: readAmount("--accounts", values.accounts ?? "1000", { whole: true }),
    only: onlyOf(values.only, isAgainst ? judgedRows : parts),
  };
  if (values.against !== undefined) {
    const pairs = readAmount("--pairs", values.pairs ?? String(fewestPairs), { whole: true });
    if (pairs < fewestPairs)
      refuseOptions(`--pairs 至少为 ${fewestPairs}。`, `--pairs must be at least ${fewestPairs}.`);
    const limit = readAmount("--limit", values.limit ?? "1.05", { whole: false });
    return { kind: "against", ...common, ref: values.against, pairs, limit };
  }
  return {
    ...{ kind: "tables", ...common, dry: values.dry ?? false },
    rounds: readAmount("--rounds", values.rounds ?? "5", { whole: true }),
    growth: values.growth === undefined ? null : readAmount("--growth", values.growth, { whole: true }),
  };
}

function enginesOf(name: string): readonly Engine[] {
  if (name === "both") return ["sqlite", "postgres"];
  if (name === "sqlite" || name === "postgres") return [name];
  return refuseOptions(
    "--engine 可用的有：sqlite, postgres, both。",
    "--engine is one of sqlite, postgres, both.",
  );
}

function onlyOf(text: string | undefined, known: readonly string[]): readonly string[] | null {
  const only = text?.split(",") ?? null;
  if (only?.some((part) => !known.includes(part)))
    refuseOptions(`--only 可用的有：${known.join(", ")}。`, `--only takes some of ${known.join(", ")}.`);
  return only;
}
