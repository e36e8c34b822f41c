import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { cores, measure, type Sample, warmUp } from "./measure.ts";
import { onLinux, ownCpuMicrosOf, type ProcessUnderTest } from "./process-under-test.ts";
import type { RoundOptions } from "./rounds.ts";
import { openStand, type Stand } from "./stand.ts";
import { type Subject, subjects } from "./subjects.ts";

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
  readonly rows: readonly GrowthRow[];
}

/** The log-in's look-up is measured without the hash, which would hide it. */
const compared: Readonly<Record<string, string>> = {
  count: "user-name count",
  "login-read-floor": "log-in look-up",
  user: "/user/ with a token, 1,000 in use",
  "user-fresh": "/user/, each token seen for the first time",
};

/** One size of table and what runs over it. */
interface Sized {
  readonly accounts: number;
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
  const sizes = [options.accounts, large] as const;
  const rows = new Map<string, { label: string; cpuMicros: Record<number, number[]> }>();
  const fields: Sized[] = [];
  try {
    for (const accounts of sizes) fields.push(await openSized(options, accounts, progress));
    for (let round = 1; round <= options.rounds; round++) {
      for (const field of fields) {
        for (const subject of field.asked) {
          const label = compared[subject.id] ?? subject.label;
          progress(`round ${round} of ${options.rounds}, ${field.accounts} accounts: ${label}`);
          const cost = await costOn(field, subject, options.seconds, round === 1);
          const row = rows.get(subject.id) ?? { label, cpuMicros: {} };
          row.cpuMicros[field.accounts] = [...(row.cpuMicros[field.accounts] ?? []), cost];
          rows.set(subject.id, row);
        }
      }
    }
    return { sizes, rows: [...rows.values()] };
  } finally {
    for (const { servers, stand } of fields) {
      for (const server of Object.values(servers)) await server.stop();
      await stand.close();
    }
  }
}

async function openSized(
  { engine }: RoundOptions,
  accounts: number,
  progress: (text: string) => void,
): Promise<Sized> {
  const stand = await openStand({ engine, accounts, core: cores.server, progress });
  const nowSeconds = Math.floor((performance.timeOrigin + performance.now()) / 1000);
  const all = subjects({ accounts, secretKey: stand.secretKey, nowSeconds });
  return {
    ...{ accounts, stand, asked: all.filter(({ id }) => id in compared) },
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
