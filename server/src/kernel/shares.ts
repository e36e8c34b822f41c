import { AppError } from "../errors/errors.ts";

/**
 * Bounds how much work runs at once, and how much of it is one client's. Promise: never more than `total` run, and of
 * one client never more than `perClient`; whoever is beyond either is refused at once (`busy`), and nobody waits. Each
 * process counts its own.
 */
export interface Shares {
  /** `client` stands for who asks (kernel/client-address.ts). Error: `busy`. */
  run<Result>(client: string, work: () => Promise<Result>): Promise<Result>;
}

export function createShares(options: {
  readonly total: number;
  readonly perClient: number;
  /** Seconds after which it is worth trying again. */
  readonly retryAfterSeconds: number;
}): Shares {
  const { total, perClient, retryAfterSeconds } = options;
  const held = new Map<string, number>();
  let running = 0;
  return {
    async run(client, work) {
      const own = held.get(client) ?? 0;
      if (running >= total || own >= perClient) throw new AppError("busy", { retryAfterSeconds });
      running++;
      held.set(client, own + 1);
      try {
        return await work();
      } finally {
        running--;
        const left = (held.get(client) as number) - 1;
        if (left === 0) held.delete(client);
        else held.set(client, left);
      }
    },
  };
}
