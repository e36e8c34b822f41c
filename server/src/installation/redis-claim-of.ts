import { type Claim, createRedisClaim } from "../engines/kv/redis-claim.ts";
import { closeRedis, connectRedis, redisReady } from "../engines/kv/redis-connection.ts";
import { redisKeys } from "../engines/kv/redis-keys.ts";
import type { KvSettings } from "../engines/kv/settings.ts";

/** Runs `work` with the claim in the configured Redis, on a connection of its own; with null where there is none. */
export async function withRedisClaim<Result>(
  { redisUrl, redisPrefix }: KvSettings,
  work: (claim: Claim | null) => Promise<Result>,
): Promise<Result> {
  if (redisUrl === null) return work(null);
  const client = connectRedis(redisUrl, "prompt", { info: () => {}, warn: () => {} });
  try {
    await redisReady(client, 5000);
    return await work(createRedisClaim(client, redisKeys(redisPrefix)));
  } finally {
    await closeRedis(client);
  }
}
