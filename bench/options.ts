import { readAmount, readTool, refuseOptions } from "../scripts/read-options.ts";
import { judgedRows } from "./against/rows.ts";
import { fewestPairs } from "./against/verdict.ts";
import { peerRows } from "./peers/peer.ts";
import { parts } from "./rounds.ts";
import type { Engine } from "./stand.ts";

/** What `npm run bench` was asked for: the tables of README.md, or a comparison with another version, or with other programs. */
export type BenchOptions = TableOptions | AgainstOptions | PeersOptions;

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

/** Beside better-auth and Django. */
export interface PeersOptions extends Common {
  readonly kind: "peers";
  readonly rounds: number;
  readonly dry: boolean;
}

export interface AgainstOptions extends Common {
  readonly kind: "against";
  /** Whatever git takes for a commit. */
  readonly ref: string;
  readonly pairs: number;
  readonly limit: number;
}

/** Ends the process where the command line can't be understood, or asks for help. */
export function readBenchOptions(): BenchOptions {
  const { values } = readTool("bench");
  const ofTables = ["rounds", "growth", "dry"] as const;
  const ofAgainst = ["pairs", "limit"] as const;
  const isAgainst = values.against !== undefined;
  const odd = (isAgainst ? ofTables : ofAgainst).find(
    (name) => values[name] !== undefined && values[name] !== false,
  );
  if (odd !== undefined) {
    if (isAgainst) refuseOptions(`--${odd} 不能与 --against 同用。`, `--${odd} does not go with --against.`);
    refuseOptions(`--${odd} 只与 --against 同用。`, `--${odd} goes with --against only.`);
  }
  const isPeers = values.peers === true;
  const notOfPeers = isPeers
    ? (["against", "growth"] as const).find((name) => values[name] !== undefined)
    : undefined;
  if (notOfPeers !== undefined)
    refuseOptions(`--${notOfPeers} 不能与 --peers 同用。`, `--${notOfPeers} does not go with --peers.`);
  const common = {
    engines: enginesOf(values.engine ?? (isAgainst || isPeers ? "both" : "sqlite")),
    seconds: readAmount("--seconds", values.seconds ?? (isAgainst ? "1.5" : "3"), { whole: false }),
    accounts: readAmount("--accounts", values.accounts, { whole: true }),
    only: onlyOf(values.only, isAgainst ? judgedRows : isPeers ? Object.keys(peerRows) : parts),
  };
  if (values.against !== undefined) {
    const pairs = readAmount("--pairs", values.pairs ?? String(fewestPairs), { whole: true });
    if (pairs < fewestPairs)
      refuseOptions(`--pairs 至少为 ${fewestPairs}。`, `--pairs must be at least ${fewestPairs}.`);
    const limit = readAmount("--limit", values.limit ?? "1.05", { whole: false });
    return { kind: "against", ...common, ref: values.against, pairs, limit };
  }
  const rounds = readAmount("--rounds", values.rounds ?? "5", { whole: true });
  if (isPeers) return { kind: "peers", ...common, rounds, dry: values.dry };
  return {
    ...{ kind: "tables", ...common, dry: values.dry },
    rounds,
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
