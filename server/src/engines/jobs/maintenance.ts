import type { BaseLogger } from "pino";
import { inSteps } from "../../kernel/next-turn.ts";

/**
 * Removes what has served its time, in small steps between which other work has as long as a step took: requests, and the
 * thread that takes what was committed into SQLite's file (sqlite-checkpoints.ts). Every process may
 * run it; two at once only find less to do. What it removes counts as absent already, so nothing depends on
 * when it runs.
 */
export interface Purge {
  readonly name: string;
  /** Removes up to `limit` rows and returns how many. */
  remove(limit: number): Promise<number>;
}

export interface Maintenance {
  start(): void;
  stop(): Promise<void>;
  /** One full round; returns how many rows went, by purge. */
  run(): Promise<Record<string, number>>;
}

export interface MaintenanceOptions {
  readonly purges: readonly Purge[];
  readonly log: Pick<BaseLogger, "info" | "error">;
  /** Between two rounds; default 60. */
  readonly everySeconds?: number;
  /** Rows of one step; default 100. In a table of a million each is read from elsewhere on the disk, while SQLite holds everybody up. */
  readonly stepRows?: number;
}

export function createMaintenance(options: MaintenanceOptions): Maintenance {
  const { purges, log } = options;
  const limit = options.stepRows ?? 100;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<unknown> | null = null;
  let stopping = false;

  async function run(): Promise<Record<string, number>> {
    const removed: Record<string, number> = {};
    for (const purge of purges) {
      let total = 0;
      try {
        await inSteps(async () => {
          if (stopping) return false;
          const step = await purge.remove(limit);
          total += step;
          return step === limit;
        });
      } catch (error) {
        // The engine is away: the next round tries again.
        log.error({ err: error, purge: purge.name }, "purge failed");
      }
      removed[purge.name] = total;
    }
    if (Object.values(removed).some((count) => count > 0)) log.info({ removed }, "expired rows removed");
    return removed;
  }

  return {
    run,
    start() {
      stopping = false;
      timer ??= setInterval(
        () => {
          round ??= run().finally(() => {
            round = null;
          });
        },
        (options.everySeconds ?? 60) * 1000,
      );
      timer.unref();
    },
    async stop() {
      stopping = true;
      clearInterval(timer);
      timer = undefined;
      await round;
    },
  };
}
