import type { Operation, Outcome } from "./kv.ts";

/**
 * Batches of the key-value contract as one Lua script, which Redis runs alone: one after the other, each with its own end. Two
 * keys per operation, the second only used by those that have one, and one argument with the rest of it, because each argument
 * costs the client as much as a short text; behind them of each batch the number of its operations. All keys of a batch share their hash tag, and where there are several batches nothing asks for one (no
 * Redis Cluster: redis-kv.ts). What a refused batch wrote is undone from what each key was before.
 */
export const batchScript = `
local replies, before = {}, {}
local stopped, isAlone = false, true
local function touch(key)
  if before[key] == nil and not isAlone then
    before[key] = { redis.call('GET', key), redis.call('PTTL', key) }
  end
end
local function undo()
  for key, was in pairs(before) do
    if was[1] then redis.call('SET', key, was[1], 'PX', math.max(1, was[2])) else redis.call('DEL', key) end
  end
end
local function share(key, holdersKey, value, ttl, span, holder)
  local held, holders, life = redis.call('GET', key), false, math.min(ttl, span)
  if held then
    local left = redis.call('PTTL', key)
    holders = redis.call('GET', holdersKey)
    span = holders and redis.call('PTTL', holdersKey) or left
    life = math.max(left, math.min(ttl, span))
  end
  holders = holders and holders .. ',' .. holder or holder
  redis.call('SET', key, held or value, 'PX', life)
  redis.call('SET', holdersKey, holders, 'PX', math.max(1, span))
  return held or value, 1 + select(2, string.gsub(holders, ',', '')), life
end
local function leave(key, holdersKey, value, holder)
  local holders = redis.call('GET', key) == value and redis.call('GET', holdersKey)
  if not holders then return end
  local left, removed = {}, false
  for one in string.gmatch(holders, '[^,]+') do left[#left + 1] = one end
  for i = #left, 1, -1 do
    if left[i] == holder and not removed then
      table.remove(left, i)
      removed = true
    end
  end
  if #left > 0 then
    redis.call('SET', holdersKey, table.concat(left, ','), 'PX', math.max(1, redis.call('PTTL', holdersKey)))
  else
    redis.call('DEL', key, holdersKey)
  end
end
local size, left = #KEYS / 2, 0
for i = 1, #KEYS / 2 do
  if left == 0 then
    size = size + 1
    left = tonumber(ARGV[size])
    before, stopped, isAlone = {}, false, left == 1
  end
  left = left - 1
  local key, second = KEYS[i * 2 - 1], KEYS[i * 2]
  local verb, ttl, limit, span, holder, value = string.match(ARGV[i], '^(%S+) (%S+) (%S+) (%S+) ([^,]*),(.*)$')
  limit, span = tonumber(limit), tonumber(span)
  local refused, result, count, wait, life = 0, false, 0, 0, 0
  if not stopped then touch(key) touch(second) end
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
  elseif verb == 'expect' then
    if (redis.call('GET', key) or '') ~= value then refused = 1 end
  elseif verb == 'decrement' then
    if redis.call('EXISTS', key) == 1 and redis.call('DECR', key) < 1 then redis.call('DEL', key) end
  elseif verb == 'share' then
    result, count, life = share(key, second, value, tonumber(ttl), span, holder)
  elseif verb == 'leave' then
    leave(key, second, value, holder)
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
    undo()
  end
  replies[i] = { refused, result, count, wait, life }
end
return replies
`;

export type BatchReply = [
  refused: number,
  value: string | null,
  count: number,
  waitMillis: number,
  lifeMillis: number,
];

export function keysOf(operation: Operation): string[] {
  return [operation.key, "holdersKey" in operation ? operation.holdersKey : operation.key];
}

/** Verb, time to live in milliseconds, limit, span in milliseconds, holder, which has no comma, and value. */
export function argumentOf(operation: Operation): string {
  const millis = (seconds: number) => Math.ceil(seconds * 1000);
  const ttl = "ttlSeconds" in operation ? millis(operation.ttlSeconds) : 0;
  const limit = "limit" in operation ? operation.limit : 0;
  const span = "spanSeconds" in operation ? millis(operation.spanSeconds) : 0;
  const holder = "holder" in operation ? operation.holder : "";
  const value = "value" in operation ? operation.value : "";
  return `${operation.verb} ${ttl} ${limit} ${span} ${holder},${value}`;
}

export function outcomeOf([refused, value, count, waitMillis, lifeMillis]: BatchReply): Outcome {
  return {
    refused: refused === 1,
    value,
    count,
    // A refusal that broke the chain carries its wait; what comes after it carries none.
    retryAfterSeconds: waitMillis > 0 ? Math.ceil(waitMillis / 1000) : 0,
    lifeMillis,
  };
}
