import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { cpuMicrosOf, onLinux } from "./process-under-test.ts";
import { cores, measure, type RoundOptions, type Sample } from "./rounds.ts";
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
const compared = ["count", "login-read-floor", "user"];

export async function measureGrowth(
  options: RoundOptions,
  large: number,
  progress: (text: string) => void,
): Promise<Growth> {
  const sizes = [options.accounts, large] as const;
  const rows = new Map<string, { label: string; cpuMicros: Record<number, number[]> }>();
  const stands: Stand[] = [];
  try {
    const fields = [];
    for (const accounts of sizes) {
      const stand = await openStand({ engine: options.engine, accounts, core: cores.server, progress });
      stands.push(stand);
      const nowSeconds = Math.floor((performance.timeOrigin + performance.now()) / 1000);
      const asked = subjects({ accounts, secretKey: stand.secretKey, nowSeconds }).filter(({ id }) =>
        compared.includes(id),
      );
      const servers = { floor: await stand.startFloor(), api: await stand.startServer("serve") };
      const engineCpu = options.engine === "postgres" ? await postgresCpu(stand.database) : () => 0;
      fields.push({ accounts, stand, asked, servers, engineCpu });
    }
    for (let round = 1; round <= options.rounds; round++) {
      for (const { accounts, stand, asked, servers, engineCpu } of fields) {
        for (const subject of asked) {
          progress(`round ${round} of ${options.rounds}, ${accounts} accounts: ${subject.label}`);
          const before = engineCpu();
          const sample = await measure(
            subject,
            servers[subject.server as "floor" | "api"],
            stand,
            options.seconds,
            round,
          );
          const cost = costOf(sample, options.seconds, engineCpu() - before);
          const row = rows.get(subject.id) ?? { label: labelOf(subject), cpuMicros: {} };
          row.cpuMicros[accounts] = [...(row.cpuMicros[accounts] ?? []), cost];
          rows.set(subject.id, row);
        }
      }
    }
    for (const { servers } of fields) await Promise.all([servers.floor.stop(), servers.api.stop()]);
    return { sizes, rows: [...rows.values()] };
  } finally {
    for (const stand of stands) await stand.close();
  }
}

function labelOf(subject: Subject): string {
  return subject.id === "login-read-floor" ? "log-in look-up" : subject.label;
}

function costOf(sample: Sample, seconds: number, engineMicros: number): number {
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
        if (parent === postmaster) sum += cpuMicrosOf(Number(entry)) ?? 0;
      } catch {
        // It ended between the listing and the reading.
      }
    }
    return sum;
  };
}
