import type { KeyValue, Operation, Outcome } from "./kv.ts";
import { closeRedis, orUnavailable, pingRedis, type RedisClient, redisReady } from "./redis-connection.ts";
import { type RedisKeys, redisKeys } from "./redis-keys.ts";

/**
 * The key-value contract on Redis. Promise: every verb and every batch is one command, so one round trip, and
 * atomic on the server: a batch is a script. Fails within two seconds while Redis is away. Expiry is by
 * Redis's clock. Keys of a batch share their hash tag, so that Redis Cluster has them on one node.
 */
export function createRedisKv(
  client: RedisClient,
  { kv: named }: Pick<RedisKeys, "kv"> = redisKeys(""),
): KeyValue {
  const scripted = client as ScriptedClient;
  if (!scripted.meiduoBatch) client.defineCommand("meiduoBatch", { lua: batchScript });

  const batch = (operations: readonly Operation[]) =>
    orUnavailable(async () => {
      const keys = operations.map((operation) => named(operation.key));
      const parameters = operations.flatMap(parametersOf);
      const replies = await scripted.meiduoBatch(keys.length, ...keys, ...parameters);
      return replies.map(outcomeOf);
    });
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
    async ping() {
      await redisReady(client, 500);
      await orUnavailable(() => pingRedis(client));
    },
    close: () => closeRedis(client),
  };
}

type Reply = [refused: number, value: string | null, count: number, waitMillis: number];
type ScriptedClient = RedisClient & {
  meiduoBatch(keyCount: number, ...keysAndParameters: (string | number)[]): Promise<Reply[]>;
};

/** Four per operation: verb, value, time to live in milliseconds, limit. */
function parametersOf(operation: Operation): (string | number)[] {
  switch (operation.verb) {
    case "get":
    case "take":
    case "delete":
      return [operation.verb, "", 0, 0];
    case "set":
    case "add":
      return [operation.verb, operation.value, Math.ceil(operation.ttlSeconds * 1000), 0];
    case "increment":
      return ["increment", "", Math.ceil(operation.ttlSeconds * 1000), operation.limit];
  }
}

function checkOperation(operation: Operation): void {
  if ("ttlSeconds" in operation && !(operation.ttlSeconds > 0)) {
    throw new RangeError("a time to live is more than 0 seconds");
  }
  if (operation.verb === "increment" && operation.limit < 1) {
    throw new RangeError("the limit of an increment is at least 1");
  }
}

function outcomeOf([refused, value, count, waitMillis]: Reply): Outcome {
  return {
    refused: refused === 1,
    value,
    count,
    // A refusal that broke the chain carries its wait; what comes after it carries none.
    retryAfterSeconds: waitMillis > 0 ? Math.ceil(waitMillis / 1000) : 0,
  };
}

const batchScript = `
local replies = {}
local stopped = false
for i, key in ipairs(KEYS) do
  local verb, value = ARGV[i * 4 - 3], ARGV[i * 4 - 2]
  local ttl, limit = ARGV[i * 4 - 1], tonumber(ARGV[i * 4])
  local refused, result, count, wait = 0, false, 0, 0
  if stopped then
    refused = 1
  elseif verb == 'get' then
    result = redis.call('GET', key)
  elseif verb == 'take' then
    result = redis.call('GET', key)
    if result then redis.call('DEL', key) end
  elseif verb == 'delete' then
    redis.call('DEL', key)
  elseif verb == 'set' then
    redis.call('SET', key, value, 'PX', ttl)
  elseif verb == 'add' then
    if not redis.call('SET', key, value, 'PX', ttl, 'NX') then refused = 1 end
  else
    local held = tonumber(redis.call('GET', key) or 0)
    if held >= limit then
      refused, count = 1, limit
    else
      count = redis.call('INCR', key)
      if count == 1 then redis.call('PEXPIRE', key, ttl) end
    end
  end
  if refused == 1 and not stopped then
    stopped = true
    wait = math.max(1, redis.call('PTTL', key))
  end
  replies[i] = { refused, result, count, wait }
end
return replies
`;
