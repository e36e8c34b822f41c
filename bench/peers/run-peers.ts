import { mkdirSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { nameOf } from "../accounts.ts";
import { cores, measure, type Sample, warmUp } from "../measure.ts";
import type { PeersOptions } from "../options.ts";
import { randomNumbers } from "../random-numbers.ts";
import { useScratchFolder } from "../scratch-folder.ts";
import { type Engine, openStand, type Stand } from "../stand.ts";
import { type Subject, subjectsOn } from "../subjects.ts";
import { installBetterAuth, startBetterAuth } from "./better-auth.ts";
import { djangoPackages, djangoVersions, startDjango } from "./django.ts";
import {
  type Contestant,
  floor,
  ours,
  type Peer,
  type PeerContext,
  type PeerRow,
  type PeersResult,
  peerRows,
} from "./peer.ts";
import { reportPeers } from "./report-peers.ts";

/**
 * This product, the least that could answer (floor-main.ts), better-auth and Django in turn on the same machine, round by round,
 * each one process on the same core with a database of its own and the same accounts. All of it on this machine, but for the
 * installation of better-auth.
 */
export async function measurePeers(options: PeersOptions, progress: (text: string) => void): Promise<void> {
  const folder = join(useScratchFolder(), "better-auth");
  mkdirSync(folder);
  progress("installing better-auth");
  installBetterAuth(folder);
  const django = djangoVersions();
  if (django === null) progress(`Django is left out: it needs Debian's ${djangoPackages}`);
  for (const engine of options.engines) {
    const result = await onEngine({ options, engine, folder, django, progress });
    reportPeers(result, options);
  }
}

interface Run {
  readonly options: PeersOptions;
  readonly engine: Engine;
  /** Where better-auth is installed. */
  readonly folder: string;
  readonly django: string | null;
  readonly progress: (text: string) => void;
}

async function onEngine({ options, engine, folder, django, progress }: Run): Promise<PeersResult> {
  const { accounts } = options;
  const stand = await openStand({ engine, accounts, core: cores.server, progress });
  const contestants: Contestant[] = [];
  const peers: Peer[] = [];
  try {
    contestants.push(...(await startOurs(stand, accounts)));
    const about = contextOf(accounts);
    const at = async (name: string, own: string): Promise<PeerContext> => {
      const database = await databaseFor(stand, engine, name);
      return { ...about, folder: own, database, core: cores.server };
    };
    progress("filling better-auth's tables");
    peers.push(await startBetterAuth(await at("better_auth", folder)));
    progress("filling Django's tables");
    if (django !== null) peers.push(await startDjango(await at("django", stand.folder), django));
    contestants.push(...peers);
    const rows = await runRounds(options, stand, contestants, progress);
    return { engine, peers: peers.map(({ name, made }) => ({ name, made })), rows };
  } finally {
    for (const { server } of [...contestants, ...peers]) await server.stop();
    await stand.close();
  }
}

function contextOf(accounts: number): Pick<PeerContext, "names" | "asked" | "logIns"> {
  const names = Array.from({ length: accounts }, (_, i) => nameOf(i + 1));
  const pick = randomNumbers(20_261_128, accounts);
  // As subjects.ts has them.
  const asked = Array.from({ length: 10_000 }, (_, i) => (i % 2 === 0 ? "" : "free_") + nameOf(pick()));
  return { names, asked, logIns: Array.from({ length: 200 }, () => nameOf(pick())) };
}

async function databaseFor(stand: Stand, engine: Engine, name: string): Promise<string> {
  if (engine === "sqlite") return `sqlite:${join(stand.folder, `${name}.sqlite3`)}`;
  const client = new pg.Client({ connectionString: stand.database });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(stand.database);
  url.pathname = `/${name}`;
  return url.href;
}

async function startOurs(stand: Stand, accounts: number): Promise<Contestant[]> {
  const all = new Map<string, Subject>(subjectsOn(stand, accounts).map((subject) => [subject.id, subject]));
  const asked = (ids: Readonly<Partial<Record<PeerRow, string>>>) =>
    Object.fromEntries(Object.entries(ids).map(([row, id]) => [row, all.get(id)!]));
  const own = { count: "count", user: "user", code: "code", login: "login" };
  const least = { count: "count-floor", user: "user-floor", login: "login-hash" };
  return [
    { name: ours, server: await stand.startServer("serve"), asked: asked(own) },
    { name: floor, server: await stand.startFloor(), asked: asked(least) },
  ];
}

async function runRounds(
  { rounds, seconds, only }: PeersOptions,
  stand: Stand,
  contestants: readonly Contestant[],
  progress: (text: string) => void,
): Promise<PeersResult["rows"]> {
  const rows = new Map<PeerRow, Map<string, Sample[]>>();
  for (let round = 1; round <= rounds; round++) {
    for (const row of (Object.keys(peerRows) as PeerRow[]).filter((id) => only?.includes(id) ?? true)) {
      const found = rows.get(row) ?? new Map<string, Sample[]>();
      rows.set(row, found);
      // Another one begins each round: whoever comes after a heavy one finds the machine as that left it.
      for (const { name, server, asked } of turned(contestants, round)) {
        const subject = asked[row];
        if (subject === undefined) continue;
        progress(`round ${round} of ${rounds}: ${peerRows[row]}, ${name}`);
        const on = { subject, server, stand };
        if (round === 1) await warmUp({ ...on, seconds: row === "login" ? 3 : 1 }, 4);
        const sample = await measure({ ...on, seconds: row === "login" ? Math.max(seconds, 4) : seconds });
        found.set(name, [...(found.get(name) ?? []), sample]);
      }
    }
  }
  return rows;
}

const turned = <One>(list: readonly One[], by: number): One[] => [
  ...list.slice(by % list.length),
  ...list.slice(0, by % list.length),
];
