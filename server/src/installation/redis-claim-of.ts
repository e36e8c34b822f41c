import { type Claim, createRedisClaim } from "../engines/kv/redis-claim.ts";
import { closeRedis, connectRedis, redisReady } from "../engines/kv/redis-connection.ts";
import { emptyRedis } from "../engines/kv/redis-empty.ts";
import { redisKeys } from "../engines/kv/redis-keys.ts";
import type { KvSettings } from "../engines/kv/settings.ts";

/**
 * Runs `work` with the claim in the configured Redis, on a connection of its own; with null where there is none. `empty`
 * removes all that the installation keeps there, and returns how many keys that were.
 */
export async function withRedisClaim<Result>(
  { redisUrl, redisPrefix }: KvSettings,
  work: (claim: Claim | null, empty: () => Promise<number>) => Promise<Result>,
): Promise<Result> {
  if (redisUrl === null) return work(null, async () => 0);
  const client = connectRedis(redisUrl, "prompt", { info: () => {}, warn: () => {} });
  try {
    await redisReady(client, 5000);
    const claim = createRedisClaim(client, redisKeys(redisPrefix));
    return await work(claim, () => emptyRedis(client, redisPrefix));
  } finally {
    await closeRedis(client);
  }
}
