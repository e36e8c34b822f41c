import { defineSettings } from "../../kernel/settings/room-settings.ts";
import { parsed, url } from "../../kernel/settings/variable.ts";
import { parseRedisUrl } from "./redis-address.ts";
import { readRedisPrefix } from "./redis-keys.ts";

/** Where what expires is kept, and the queue of jobs with it. */
export interface KvSettings {
  readonly redisUrl: string | null;
  /** What all keys in Redis begin with; empty: nothing. */
  readonly redisPrefix: string;
}

export const kvSettings = defineSettings({
  variables: {
    REDIS_URL: url(
      ["redis", "rediss", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster"],
      parseRedisUrl,
      {
        zh: "设置后验证码、限速和任务队列使用 Redis；也可写 redis+sentinel://…（Sentinel 的密码：?sentinel_password=）或 redis+cluster://…。",
        en: "When set, codes, limits and jobs use Redis; also redis+sentinel://… (the Sentinels' password: ?sentinel_password=) and redis+cluster://….",
      },
    ),
    REDIS_PREFIX: parsed(
      "",
      {
        fallbackText: "(none)",
        zh: "Redis 中所有键的前缀，如 shop。多个网站共用一个 Redis 时，每个网站用各自的前缀。更改后，排队的邮件和未用的验证码不再有效。",
        en: "What all keys in Redis begin with, such as shop. Sites that share one Redis need one each. Queued mails and codes on their way don't survive a change.",
      },
      readRedisPrefix,
    ),
  },
  settings: (env): KvSettings => ({ redisUrl: env.REDIS_URL, redisPrefix: env.REDIS_PREFIX }),
  idle: ({ redisUrl }) => (redisUrl === null ? { REDIS_PREFIX: "REDIS_URL is not set" } : {}),
});
