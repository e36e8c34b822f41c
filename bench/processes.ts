import { measure, type Sample, warmUp } from "./measure.ts";
import type { ProcessUnderTest } from "./process-under-test.ts";
import type { RoundOptions } from "./rounds.ts";
import { openStand, type Stand } from "./stand.ts";
import { type Subject, subjectsOn } from "./subjects.ts";

/**
 * One API process against two on the same port (WEB_CONCURRENCY), on all cores, with user-name counts. The
 * generator needs a core, too: where there are only two, two processes can't show twice the throughput. So it is the
 * CPU of a request that is judged: it tells whether two processes get in each other's way, and what they do where
 * each has a core to itself. Two of them get half of the requests each: they are warmed until that cost is steady. The floor in
 * as many processes tells what of it is the machine's: caches that two share, and cores that are one core's threads.
 */
const processRows = [
  {
    id: "one-process-floor",
    label: "floor of a count, one process on all cores",
    starts: (stand) => stand.startFloor(),
  },
  {
    id: "two-processes-floor",
    label: "floor of a count, two processes on all cores",
    starts: (stand) => stand.startFloor(2),
  },
  {
    id: "one-process",
    label: "user-name count, one API process on all cores",
    starts: (stand) => serve(stand, 1),
  },
  {
    id: "two-processes",
    label: "user-name count, two API processes on all cores",
    starts: (stand) => serve(stand, 2),
  },
] as const satisfies readonly {
  readonly id: string;
  readonly label: string;
  readonly starts: (stand: Stand) => Promise<ProcessUnderTest>;
}[];

const serve = (stand: Stand, count: number) => stand.startServer("serve", { WEB_CONCURRENCY: String(count) });

/** Calls `add` with each sample. */
export async function measureProcesses(
  options: RoundOptions,
  progress: (text: string) => void,
  add: (row: { readonly id: string; readonly label: string }, sample: Sample) => void,
): Promise<void> {
  const stand = await openStand({ ...options, core: null, progress });
  try {
    const asked = subjectsOn(stand, options.accounts).find(({ id }) => id === "count")!;
    for (let round = 1; round <= options.rounds; round++) {
      for (const { id, label, starts } of processRows) {
        progress(`round ${round} of ${options.rounds}: ${label}`);
        add({ id, label }, await measureCounts(stand, asked, await starts(stand), options.seconds));
      }
    }
  } finally {
    await stand.close();
  }
}

async function measureCounts(
  stand: Stand,
  { requests }: Subject,
  server: ProcessUnderTest,
  seconds: number,
): Promise<Sample> {
  try {
    const what = { subject: { requests, connections: 64 }, server, stand, core: null };
    await warmUp({ ...what, seconds: 1 }, 15);
    return await measure({ ...what, seconds });
  } finally {
    await server.stop();
  }
}
