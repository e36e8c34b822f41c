import { orUnavailable, type RedisClient, redisReady } from "./redis-connection.ts";
import type { RedisKeys } from "./redis-keys.ts";

/**
 * Whose the keys of one prefix in one Redis are. Promise: of any number of claimants at once exactly one gets a free
 * prefix, decided by one SET NX (guard: installation.race.test.ts). The claim never expires; a Redis that was flushed is
 * free. AppError `unavailable` while Redis is away.
 */
export interface Claim {
  /** Claims what is free; returns whose it is then. */
  hold(owner: string): Promise<string>;
  /** Null where it is free. */
  owner(): Promise<string | null>;
  /** Whoever had it before. */
  take(owner: string): Promise<void>;
}

export function createRedisClaim(client: RedisClient, { claim: key }: Pick<RedisKeys, "claim">): Claim {
  const owner = async () => {
    await redisReady(client, 500);
    return orUnavailable(() => client.get(key));
  };
  return {
    owner,
    async hold(mine) {
      for (;;) {
        // Read first: every process asks every few seconds, and a read is nothing to replicate.
        const found = await owner();
        if (found !== null) return found;
        if ((await orUnavailable(() => client.set(key, mine, "NX"))) === "OK") return mine;
      }
    },
    async take(mine) {
      await redisReady(client, 500);
      await orUnavailable(() => client.set(key, mine));
    },
  };
}
