import { Redis } from "ioredis";
import type { Clock } from "../../src/kernel/clock.ts";

/**
 * Makes the entries of a Redis older by what a test's clock was moved: Redis expires by its own clock, and
 * tests don't sleep. `catchUp` applies what has gathered since the last call.
 */
export interface AgingRedis {
  catchUp(): Promise<void>;
  close(): Promise<void>;
}

const delayedJobs = "{meiduo}:jobs:delayed";
const endedJobs = ["completed", "failed"].map((state) => `{meiduo}:jobs:${state}`);

export function agingRedis(url: string, clock: Clock): AgingRedis {
  const redis = new Redis(url);
  let seenAt = clock.now();
  let pending = Promise.resolve();
  async function age(): Promise<void> {
    const elapsed = clock.now() - seenAt;
    if (elapsed <= 0) return;
    seenAt = clock.now();
    for (const key of await redis.keys("*")) {
      const left = await redis.pttl(key);
      if (left >= 0) await (left > elapsed ? redis.pexpire(key, left - elapsed) : redis.del(key));
    }
    // A waiting job's due time is in the upper bits of its score.
    const delayed = await redis.zrange(delayedJobs, "0", "-1", "WITHSCORES");
    for (let i = 0; i < delayed.length; i += 2) {
      const due = Number(delayed[i + 1]) - elapsed * 0x1000;
      await redis.zadd(delayedJobs, String(due), String(delayed[i]));
    }
    for (const set of endedJobs) {
      for (const id of await redis.zrange(set, "0", "-1")) {
        const endedAt = await redis.zincrby(set, -elapsed, id);
        await redis.hset(`{meiduo}:jobs:${id}`, "finishedOn", endedAt);
      }
    }
  }
  return {
    // One after the other: of many callers at once none may go on before the entries are older.
    catchUp() {
      pending = pending.then(age);
      return pending;
    },
    async close() {
      await redis.quit();
    },
  };
}
