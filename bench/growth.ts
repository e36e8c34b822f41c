import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { cores, measure, type Sample, warmUp } from "./measure.ts";
import { onLinux, ownCpuMicrosOf, type ProcessUnderTest } from "./process-under-test.ts";
import { measurePurge, type PurgeFigures } from "./purge.ts";
import type { RoundOptions } from "./rounds.ts";
import { openStand, type Stand } from "./stand.ts";
import { type Subject, subjectsOn } from "./subjects.ts";

/**
 * How cost grows with the number of accounts: the same requests over a small and a large table, round by round
 * in turn. For PostgreSQL the cost includes the CPU of all its processes, since that is where growth would show.
 */
export interface GrowthRow {
  readonly label: string;
  /** Per size: CPU microseconds per request, of the server and, where it is one of its own, of the database. */
  readonly cpuMicros: Readonly<Record<number, readonly number[]>>;
}

export interface Growth {
  readonly sizes: readonly [small: number, large: number];
  /** So many accounts, with one session each. */
  readonly rows: readonly GrowthRow[];
  /** So many sessions of the small number of accounts. */
  readonly sessions: readonly GrowthRow[];
  /** Of the large number of sessions; null where `--only` names neither. */
  readonly purge: PurgeFigures | null;
}

/** The log-in's look-up is measured without the hash, which would hide it. */
const compared: Readonly<Record<string, string>> = {
  count: "user-name count",
  "login-read-floor": "log-in look-up",
  user: "/user/ with a token, 1,000 in use",
  "user-fresh": "/user/, each token seen for the first time",
  "refresh-in-use": "renewal by a refresh token, 1,000 sessions in use",
  refresh: "renewal by a refresh token, each session once",
};
const ofSessions = ["user", "user-fresh", "refresh-in-use", "refresh"];

/** One size of table and what runs over it. */
interface Sized {
  readonly accounts: number;
  readonly sessions: number;
  readonly stand: Stand;
  readonly asked: readonly Subject[];
  readonly servers: Readonly<Partial<Record<Subject["server"], ProcessUnderTest>>>;
  readonly engineCpu: () => number;
}

export async function measureGrowth(
  options: RoundOptions,
  large: number,
  progress: (text: string) => void,
): Promise<Growth> {
  const small = options.accounts;
  const asked = Object.keys(compared).filter((id) => options.only?.includes(id) ?? true);
  const askedOfSessions = asked.filter((id) => ofSessions.includes(id));
  const fields: Sized[] = [];
  const open = async (accounts: number, sessions: number, ids: readonly string[]) =>
    fields.push(await openSized(options, { accounts, sessions, ids, progress }));
  const tables = { accounts: new Map<string, MutableRow>(), sessions: new Map<string, MutableRow>() };
  try {
    await open(small, small, asked);
    if (asked.length > 0) await open(large, large, asked);
    if (askedOfSessions.length > 0) await open(small, large, askedOfSessions);
    for (let round = 1; round <= options.rounds; round++) {
      for (const field of fields) {
        const size = `${field.accounts} accounts, ${field.sessions} sessions`;
        for (const { subject, cost } of await costsOn(field, options, round, (label) =>
          progress(`round ${round} of ${options.rounds}, ${size}: ${label}`),
        )) {
          if (field.sessions === field.accounts) note(tables.accounts, subject.id, field.accounts, cost);
          const isOfSessions = field.accounts === small && ofSessions.includes(subject.id);
          if (isOfSessions) note(tables.sessions, subject.id, field.sessions, cost);
        }
      }
    }
    const many = fields.find(({ sessions, accounts }) => sessions > accounts);
    for (const server of Object.values(many?.servers ?? {})) await server.stop();
    const purge = many === undefined ? null : await measurePurge(many.stand, progress);
    const [rows, sessions] = [[...tables.accounts.values()], [...tables.sessions.values()]];
    return { sizes: [small, large], rows, sessions, purge };
  } finally {
    for (const { servers, stand } of fields) {
      for (const server of Object.values(servers)) await server.stop();
      await stand.close();
    }
  }
}

interface MutableRow {
  readonly label: string;
  readonly cpuMicros: Record<number, number[]>;
}

function note(table: Map<string, MutableRow>, id: string, size: number, cost: number): void {
  const row = table.get(id) ?? { label: compared[id]!, cpuMicros: {} };
  row.cpuMicros[size] = [...(row.cpuMicros[size] ?? []), cost];
  table.set(id, row);
}

async function costsOn(
  field: Sized,
  { seconds }: RoundOptions,
  round: number,
  progress: (label: string) => void,
): Promise<{ subject: Subject; cost: number }[]> {
  const costs = [];
  for (const subject of field.asked) {
    progress(compared[subject.id]!);
    costs.push({ subject, cost: await costOn(field, subject, seconds, round === 1) });
  }
  return costs;
}

async function openSized(
  { engine }: RoundOptions,
  {
    accounts,
    sessions,
    ids,
    progress,
  }: { accounts: number; sessions: number; ids: readonly string[]; progress: (text: string) => void },
): Promise<Sized> {
  const stand = await openStand({ engine, accounts, sessions, core: cores.server, progress });
  return {
    ...{ accounts, sessions, stand },
    asked: subjectsOn(stand, accounts, sessions).filter(({ id }) => ids.includes(id)),
    servers: { floor: await stand.startFloor(), api: await stand.startServer("serve") },
    engineCpu: engine === "postgres" ? await postgresCpu(stand.database) : () => 0,
  };
}

async function costOn(field: Sized, subject: Subject, seconds: number, isFirst: boolean): Promise<number> {
  const what = { subject, server: field.servers[subject.server]!, stand: field.stand };
  if (isFirst) await warmUp({ ...what, seconds: 1 });
  const before = field.engineCpu();
  const sample = await measure({ ...what, seconds });
  return withEngine(sample, seconds, field.engineCpu() - before);
}

function withEngine(sample: Sample, seconds: number, engineMicros: number): number {
  return (sample.cpuMicros ?? 0) + engineMicros / (sample.perSecond * seconds);
}

/** CPU microseconds of the postmaster's processes; needs to read its folder and /proc, else counts nothing. */
async function postgresCpu(url: string): Promise<() => number> {
  if (!onLinux) return () => 0;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query("show data_directory");
  await client.end();
  const postmaster = readFileSync(join(rows[0].data_directory, "postmaster.pid"), "utf8").split("\n")[0];
  return () => {
    let sum = 0;
    for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        const parent = readFileSync(`/proc/${entry}/stat`, "utf8").split(") ").at(-1)?.split(" ")[1];
        if (parent === postmaster) sum += ownCpuMicrosOf(Number(entry));
      } catch {
        // It ended between the listing and the reading.
      }
    }
    return sum;
  };
}
