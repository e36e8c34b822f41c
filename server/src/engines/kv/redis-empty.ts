import { Cluster, type Redis } from "ioredis";
import { kvFamilies } from "./kv.ts";
import { orUnavailable, type RedisClient } from "./redis-connection.ts";
import { redisKeys } from "./redis-keys.ts";

/**
 * Removes everything that one installation keeps in Redis (codes, limits, log-ins under way, queued jobs, the claim), and
 * nothing of others that share it: what begins with its prefix, or without one the names of our own families alone. For a
 * restore, with every process stopped. Returns how many keys went. AppError `unavailable` while Redis is away.
 */
export async function emptyRedis(client: RedisClient, prefix: string): Promise<number> {
  const { queue } = redisKeys(prefix);
  // A prefix has none of the characters that a pattern means otherwise.
  const patterns =
    prefix === ""
      ? [`${queue}:*`, ...kvFamilies.flatMap((family) => [`{*}:${family}`, `{*}:${family}:*`])]
      : [`${prefix}:*`];
  const masters = client instanceof Cluster ? client.nodes("master") : [client];
  let removed = 0;
  for (const master of masters) {
    for (const pattern of patterns) removed += await orUnavailable(() => removeMatching(master, pattern));
  }
  return removed;
}

async function removeMatching(master: Redis, pattern: string): Promise<number> {
  let removed = 0;
  let cursor = "0";
  do {
    const [next, found] = await master.scan(cursor, "MATCH", pattern, "COUNT", 500);
    cursor = next;
    // One by one: keys of one page lie in different slots of a Cluster.
    const gone = await Promise.all(found.map((name) => master.unlink(name)));
    removed += gone.reduce((sum, count) => sum + count, 0);
  } while (cursor !== "0");
  return removed;
}
