import { measure, type Sample, warmUp } from "./measure.ts";
import type { RoundOptions } from "./rounds.ts";
import { openStand, type Stand } from "./stand.ts";
import { type Subject, subjectsOn } from "./subjects.ts";

/**
 * One API process against two on the same port (WEB_CONCURRENCY), on all cores, with user-name counts. The
 * generator needs a core, too: where there are only two, two processes can't show twice the throughput. So it is the
 * CPU of a request that is judged: it tells whether two processes get in each other's way, and what they do where
 * each has a core to itself. Two of them get half of the requests each: they are warmed until that cost is steady.
 */
export async function measureProcesses(
  options: RoundOptions,
  progress: (text: string) => void,
): Promise<[one: Sample[], two: Sample[]]> {
  const stand = await openStand({ ...options, core: null, progress });
  try {
    const asked = subjectsOn(stand, options.accounts).find(({ id }) => id === "count")!;
    const samples: [Sample[], Sample[]] = [[], []];
    for (let round = 1; round <= options.rounds; round++) {
      for (const [index, count] of ([1, 2] as const).entries()) {
        progress(`round ${round} of ${options.rounds}: ${count} API processes`);
        samples[index]?.push(await measureCounts(stand, asked, count, options.seconds));
      }
    }
    return samples;
  } finally {
    await stand.close();
  }
}

async function measureCounts(
  stand: Stand,
  { requests }: Subject,
  count: number,
  seconds: number,
): Promise<Sample> {
  const server = await stand.startServer("serve", { WEB_CONCURRENCY: String(count) });
  try {
    const what = { subject: { requests, connections: 64 }, server, stand, core: null };
    await warmUp({ ...what, seconds: 1 }, 15);
    return await measure({ ...what, seconds });
  } finally {
    await server.stop();
  }
}
