import { checkOperation, type KeyValue, key as kvKey, type Operation, type Outcome } from "./kv.ts";
import { probeKeys } from "./probe.ts";
import { argumentOf, type BatchReply, batchScript, keysOf, outcomeOf } from "./redis-batch.ts";
import { closeRedis, orUnavailable, type RedisClient, redisReady } from "./redis-connection.ts";
import { type RedisKeys, redisKeys } from "./redis-keys.ts";
import { isCluster, keysOnEveryMaster } from "./redis-masters.ts";
import { createTogether } from "./together.ts";

/**
 * The key-value contract on Redis. Promise: every verb and every batch is one command, so one round trip, and
 * atomic on the server: a batch is a script. Batches that are asked for at once are one command, each refused or done by itself, but
 * on a Cluster, which may have their keys on several nodes. Fails within two seconds while Redis is away. Expiry is by
 * Redis's clock. Keys of a batch share their hash tag, so that Redis Cluster has them on one node.
 */
export function createRedisKv(
  client: RedisClient,
  { kv: named }: Pick<RedisKeys, "kv"> = redisKeys(""),
): KeyValue {
  const scripted = client as ScriptedClient;
  if (!scripted.meiduoBatch) client.defineCommand("meiduoBatch", { lua: batchScript });

  /** On keys as they are called in Redis. */
  const batchNamed = (
    batches: readonly (readonly Operation[])[],
    name: (key: string) => string = (key) => key,
  ) =>
    orUnavailable(async () => {
      const operations = batches.flat();
      const keys = operations.flatMap(keysOf).map(name);
      const parameters = [...operations.map(argumentOf), ...batches.map(({ length }) => length)];
      const replies = await scripted.meiduoBatch(keys.length, ...keys, ...parameters);
      return replies.map(outcomeOf);
    });
  const alone = (operations: readonly Operation[]) => batchNamed([operations], named);
  const batch = isCluster(client) ? alone : createTogether((batches) => batchNamed(batches, named));
  const probed = (n: number) => kvKey("probe", String(n));
  const one = async (operation: Operation) => {
    checkOperation(operation);
    return (await batch([operation]))[0] as Outcome;
  };

  return {
    get: (key) => orUnavailable(() => client.get(named(key))),
    async set(key, value, ttlSeconds) {
      const operation = { verb: "set", key, value, ttlSeconds } as const;
      checkOperation(operation);
      await orUnavailable(() => client.set(named(key), value, "PX", Math.ceil(ttlSeconds * 1000)));
    },
    add: (key, value, ttlSeconds) => one({ verb: "add", key, value, ttlSeconds }),
    take: (key) => orUnavailable(() => client.getdel(named(key))),
    increment: (key, { limit, ttlSeconds }) => one({ verb: "increment", key, limit, ttlSeconds }),
    async delete(key) {
      await orUnavailable(() => client.del(named(key)));
    },
    async batch(operations) {
      if (operations.length === 0) return [];
      for (const operation of operations) checkOperation(operation);
      return batch(operations);
    },
    async probe() {
      await redisReady(client, 500);
      const places = await orUnavailable(() => keysOnEveryMaster(client, (n) => named(probed(n))));
      await probeKeys((operations) => batchNamed([operations]), places);
    },
    close: () => closeRedis(client),
  };
}

type ScriptedClient = RedisClient & {
  meiduoBatch(keyCount: number, ...keysAndParameters: (string | number)[]): Promise<BatchReply[]>;
};
