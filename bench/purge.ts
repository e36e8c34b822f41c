import { openSessionRows, type SessionCounts } from "./sessions.ts";
import type { Stand } from "./stand.ts";

/** What a process with a worker removes by itself, every minute, while it goes on. */
export interface PurgeFigures {
  readonly before: SessionCounts;
  readonly after: SessionCounts;
  /** From the first row that went to the last. */
  readonly seconds: number;
  /** CPU microseconds of the process for each row; null where the system doesn't tell. */
  readonly cpuMicros: number | null;
}

const limitSeconds = 1800;

/** Ends half of a stand's sessions and waits until a process of the product has removed them. */
export async function measurePurge(stand: Stand, progress: (text: string) => void): Promise<PurgeFigures> {
  const now = Math.floor(performance.timeOrigin + performance.now());
  const rows = await openSessionRows(stand.database);
  try {
    progress("ending half of the sessions");
    await rows.endHalf(now);
    const before = await rows.count(now);
    const server = await stand.startServer("start");
    try {
      const until = performance.now() + limitSeconds * 1000;
      let begun: { at: number; cpu: number | null; old: number } | null = null;
      for (let after = before; ; after = await rows.count(now)) {
        if (begun === null && after.old < before.old)
          begun = { at: performance.now(), cpu: server.cpuMicros(), old: after.old };
        if (after.old === 0 && begun !== null) return figuresOf(before, after, begun, server.cpuMicros());
        if (performance.now() > until)
          throw new Error(`${after.old} old sessions were left after ${limitSeconds} s`);
        progress(`purge: ${after.old} of ${before.old} ended sessions left`);
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    } finally {
      await server.stop();
    }
  } finally {
    await rows.close();
  }
}

function figuresOf(
  before: SessionCounts,
  after: SessionCounts,
  begun: { readonly at: number; readonly cpu: number | null; readonly old: number },
  cpu: number | null,
): PurgeFigures {
  const isKnown = cpu !== null && begun.cpu !== null && begun.old > 0;
  return {
    ...{ before, after, seconds: (performance.now() - begun.at) / 1000 },
    cpuMicros: isKnown ? (cpu - begun.cpu!) / begun.old : null,
  };
}
