import { childrenOf } from "../server/test/support/engines.ts";
import { runLoad } from "./load-generator.ts";
import { cpuMicrosOf, type ProcessUnderTest } from "./process-under-test.ts";
import type { RoundOptions, RunResult, Sample } from "./rounds.ts";
import { openStand, type Stand } from "./stand.ts";
import { subjects } from "./subjects.ts";

/**
 * One API process against two on the same port (WEB_CONCURRENCY), on all cores, with user-name counts. The
 * generator needs a core, too: where there are only two, two processes can't show twice the throughput. What
 * can be measured there is the CPU of a request: it tells whether two processes get in each other's way, and
 * so what they do where each has a core to itself.
 */
export async function measureProcesses(
  options: RoundOptions,
  progress: (text: string) => void,
): Promise<RunResult["rows"]> {
  const stand = await openStand({ ...options, core: null, progress });
  try {
    const samples: [Sample[], Sample[]] = [[], []];
    for (let round = 1; round <= options.rounds; round++) {
      for (const [index, count] of ([1, 2] as const).entries()) {
        progress(`round ${round} of ${options.rounds}: ${count} API processes`);
        samples[index]?.push(await measureCounts(stand, count, options));
      }
    }
    return [
      { id: "one-process", label: "user-name count, one API process on all cores", samples: samples[0] },
      { id: "two-processes", label: "user-name count, two API processes on all cores", samples: samples[1] },
    ];
  } finally {
    await stand.close();
  }
}

async function measureCounts(stand: Stand, count: number, options: RoundOptions): Promise<Sample> {
  const server = await stand.startServer("serve", { WEB_CONCURRENCY: String(count) });
  try {
    const asked = subjects({ ...options, secretKey: stand.secretKey, nowSeconds: 0 });
    const requests = asked.find(({ id }) => id === "count")?.requests ?? [];
    const load = { origin: server.origin, requests, connections: 64, core: null, folder: stand.folder };
    await runLoad({ ...load, seconds: 2, firstNumber: 0 });
    const before = cpuOf(server);
    const result = await runLoad({ ...load, seconds: options.seconds, firstNumber: 0 });
    const after = cpuOf(server);
    return {
      perSecond: result.requests / result.seconds,
      p50Millis: result.p50Millis,
      p99Millis: result.p99Millis,
      cpuMicros: before === null || after === null ? null : (after - before) / result.requests,
    };
  } finally {
    await server.stop();
  }
}

/** Of the process and those it started. */
function cpuOf({ pid }: ProcessUnderTest): number | null {
  const all = [pid, ...childrenOf(pid)].map(cpuMicrosOf);
  return all.reduce<number | null>((sum, one) => (sum === null || one === null ? null : sum + one), 0);
}
