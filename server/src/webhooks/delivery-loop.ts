import type { Log } from "../kernel/log.ts";
import { within } from "../kernel/within.ts";
import type { Deliveries } from "./deliveries.ts";

/** Runs deliveries in a process that does background work, beside its jobs. */
export interface DeliveryLoop {
  start(): void;
  /** Takes nothing more, and resolves when what is in hand is finished or `limitSeconds` have passed. */
  stop(limitSeconds: number): Promise<void>;
  /** Sends what is due now until nothing is; returns how many attempts. */
  runDue(): Promise<number>;
}

const pollMillis = 1000;

export function createDeliveryLoop({
  deliveries,
  log,
}: {
  readonly deliveries: Deliveries;
  readonly log: Pick<Log, "error" | "warn">;
}): DeliveryLoop {
  const inHand = new Set<Promise<void>>();
  let abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | null = null;
  let isReported = false;

  async function take(): Promise<number> {
    const taken = await deliveries.takeAll(deliveries.atOnce - inHand.size);
    for (const { endpoint, row } of taken) {
      const run: Promise<void> = deliveries
        .deliver(endpoint, row, abort.signal)
        .catch((error: unknown) => log.error({ err: error, delivery: row.id }, "webhook outcome not stored"))
        .finally(() => {
          inHand.delete(run);
          if (timer !== undefined) look();
        });
      inHand.add(run);
    }
    return taken.length;
  }

  function look(): void {
    looking ??= take()
      .then(() => {
        isReported = false;
      })
      .catch((error: unknown) => {
        // The database is away: said once, tried again at the next look.
        if (!isReported) log.error({ err: error }, "webhooks can't be looked for");
        isReported = true;
      })
      .finally(() => {
        looking = null;
      });
  }

  return {
    start() {
      if (timer !== undefined) return;
      abort = new AbortController();
      timer = setInterval(look, pollMillis);
      look();
    },
    async stop(limitSeconds) {
      clearInterval(timer);
      timer = undefined;
      await looking;
      const finished = Promise.allSettled(inHand);
      if (await within(limitSeconds * 1000, finished)) return;
      log.warn({ webhooks: inHand.size }, "stopping with webhooks in hand: they are put back");
      abort.abort(new Error("the worker stops"));
      await within(500, finished);
    },
    async runDue() {
      for (let runs = 0; ; ) {
        const count = await take();
        runs += count;
        if (count === 0) return runs;
        await Promise.all(inHand);
      }
    },
  };
}
