import type { BaseLogger } from "pino";
import { ToldError } from "../../errors/told-error.ts";
import { isPassingReply, type RedisClient } from "./redis-connection.ts";
import { redisFacts } from "./redis-facts.ts";
import type { RedisKeys } from "./redis-keys.ts";

/**
 * Tries what codes and jobs need of Redis beyond an answer to PING, and leaves nothing behind. ToldError where only an
 * operator can help. What passes by itself (full, loading, a fail-over) is no reason to stop; readiness reports it.
 */
export async function tryRedis(
  client: RedisClient,
  keys: RedisKeys,
  log: Pick<BaseLogger, "warn">,
): Promise<void> {
  checkPolicy((await redisFacts(client)).policy, log);
  await tryCommands(client, keys);
}

/** The commands and the keys alone. */
export async function tryCommands(client: RedisClient, keys: RedisKeys): Promise<void> {
  for (const key of [keys.kv("probe:{trial}"), `${keys.queue}:trial`]) {
    try {
      await client.eval(trial, 1, key);
    } catch (error) {
      const refusal = explainReply(error);
      if (refusal !== null) throw refusal;
    }
  }
}

const trial = `
redis.call('SET', KEYS[1], '1', 'PX', 1000)
redis.call('DEL', KEYS[1])
redis.call('ZADD', KEYS[1], 1, 'a')
redis.call('DEL', KEYS[1])
redis.call('XADD', KEYS[1], '*', 'a', '1')
redis.call('DEL', KEYS[1])
return 1`;

/** With allkeys-… a full Redis drops queued mails and says nothing; volatile-… drops codes and limits only. */
function checkPolicy(policy: string | null, log: Pick<BaseLogger, "warn">): void {
  if (policy === null) {
    log.warn(
      "Redis doesn't say whether a full memory drops queued mails: see that maxmemory-policy is noeviction, or allow this account +info or +config|get",
    );
    return;
  }
  if (policy.startsWith("allkeys-")) {
    throw new ToldError(
      `Redis 的 maxmemory-policy 是 ${policy}：内存满时会悄悄丢弃排队的邮件。请执行 redis-cli CONFIG SET maxmemory-policy noeviction，并写入 redis.conf。`,
      `Redis' maxmemory-policy is ${policy}: a full memory silently drops queued mails. Run redis-cli CONFIG SET maxmemory-policy noeviction, and put it into redis.conf.`,
    );
  }
  if (policy.startsWith("volatile-")) {
    log.warn({ policy }, "a full Redis drops codes and limits: set maxmemory-policy noeviction");
  }
}

function explainReply(error: unknown): ToldError | null {
  if (!(error instanceof Error) || error.name !== "ReplyError") return null;
  const { message } = error;
  if (isPassingReply(message)) return null;
  if (/^(MOVED|ASK|CROSSSLOT)\b/.test(message)) {
    return new ToldError(
      "这是 Redis Cluster 的节点：REDIS_URL 请写成 redis+cluster://…。",
      "This is a node of a Redis Cluster: begin REDIS_URL with redis+cluster://.",
    );
  }
  if (/NOPERM|ACL failure|can't access|can't run this command|no permissions/i.test(message)) {
    return new ToldError(
      `Redis 账号的权限不足（${message}）：需要所有命令（+@all 或 +@read +@write +@scripting +@connection，检查时还需 +info 或 +config|get）和 REDIS_PREFIX 下的所有键（如 ~shop:*，没有前缀时为 ~*）。`,
      `The account of Redis may not do what the product needs (${message}): allow it +@read +@write +@scripting +@connection (and +info or +config|get for the checks) and all keys of REDIS_PREFIX (such as ~shop:*; ~* without one).`,
    );
  }
  return new ToldError(
    `这个 Redis 不支持所需的命令（${message}）：需要 Redis 6.2 以上，且 REDIS_URL 不能指向 Sentinel。`,
    `This Redis lacks commands that the product needs (${message}): it takes Redis 6.2 or newer, and not a Sentinel.`,
  );
}
