import { SettingProblem } from "../../errors/setting-problem.ts";

/**
 * How the keys of one installation begin (REDIS_PREFIX), so that several share one Redis, also one that offers a single
 * database only. Promise: the keys of two prefixes never meet; all of one begin with it, so `~prefix:*` is all that an
 * ACL has to allow; the empty one has the names from before there were prefixes, so that queued jobs and codes survive.
 * Braces are Redis Cluster's hash tags: the queue and the claim are on one node, each batch of the kv on one.
 */
export interface RedisKeys {
  /** The name in Redis of a key of the kv contract. */
  kv(key: string): string;
  /** What BullMQ puts before the names of its keys. */
  readonly queue: string;
  /** Who the keys belong to; see installation/installation.ts. */
  readonly claim: string;
}

export function redisKeys(prefix: string): RedisKeys {
  const queue = prefix === "" ? "{meiduo}" : `${prefix}:{${prefix}}`;
  return {
    kv: prefix === "" ? (key) => key : (key) => `${prefix}:${key}`,
    queue,
    claim: `${queue}:installation`,
  };
}

/** Throws a SettingProblem. Without braces, which are hash tags, and without what a pattern of an ACL means otherwise. */
export function readRedisPrefix(raw: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/.test(raw) || raw.endsWith(":")) {
    throw new SettingProblem("redisPrefix", { value: raw });
  }
  return raw;
}
