import type { RedisClient } from "./redis-connection.ts";

/** What a Redis reports about itself; null where it reports nothing, or not to this account. */
export interface RedisFacts {
  readonly version: string | null;
  readonly isReplica: boolean | null;
  readonly policy: string | null;
  readonly hasAof: boolean | null;
}

/**
 * Asks by INFO, and where that is denied (ACL) or silent by HELLO and CONFIG GET. Promise: never rejects. A fact that
 * can't be had is null, which is another answer than a good one: whoever judges says that it could not be checked.
 */
export async function redisFacts(client: RedisClient): Promise<RedisFacts> {
  const info = String(await client.info().catch(() => ""));
  const read = (field: string) => new RegExp(`^${field}:(.*)$`, "m").exec(info)?.[1]?.trim() || null;
  const [role, aof] = [read("role"), read("aof_enabled")];
  const hello = role === null || read("redis_version") === null ? await askHello(client) : new Map();
  const setting = async (name: string): Promise<string | null> => {
    const answer = await client.config("GET", name).catch(() => null);
    return Array.isArray(answer) && typeof answer[1] === "string" ? answer[1] : null;
  };
  const knownRole = role ?? hello.get("role") ?? null;
  const appendOnly = aof === null ? await setting("appendonly") : aof === "1" ? "yes" : "no";
  return {
    version: read("redis_version") ?? hello.get("version") ?? null,
    isReplica: knownRole === null ? null : knownRole === "slave" || knownRole === "replica",
    policy: read("maxmemory_policy") ?? (await setting("maxmemory-policy")),
    hasAof: appendOnly === null ? null : appendOnly === "yes",
  };
}

/** HELLO is of @connection, which every account has to have: version and role, in pairs. */
async function askHello(client: RedisClient): Promise<Map<string, string>> {
  const answer = await client.call("HELLO").catch(() => []);
  const found = new Map<string, string>();
  if (!Array.isArray(answer)) return found;
  for (let i = 0; i + 1 < answer.length; i += 2) {
    if (typeof answer[i + 1] === "string") found.set(String(answer[i]), answer[i + 1]);
  }
  return found;
}
