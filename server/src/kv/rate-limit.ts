import { AppError } from "../lib/errors.ts";
import { type KeyValue, key } from "./kv.ts";

/**
 * Limits how often something may be tried. Promise: of any number of simultaneous callers, on any number of
 * machines, at most `limit` get through in a window; each check is one atomic step. The window opens with the
 * first call and is fixed, so two full windows may touch: at most twice the limit in any window's length.
 * It counts every try, also the successful ones, and never refunds one; `forget` drops them all.
 */
export interface RateLimitRule {
  /** Names the rule in its keys: `login-address`. */
  readonly name: string;
  /** 0 = unlimited: nothing is counted. */
  readonly limit: number;
  readonly windowSeconds: number;
}

export interface RateLimit {
  /**
   * Counts one try of `subject`. Throws AppError `throttled` with the seconds until the window ends.
   * Subjects that come from people (addresses, IP addresses) must be hashed by the caller.
   */
  count(rule: RateLimitRule, subject: string): Promise<void>;
  /** Whether the next try would be refused; counts nothing, so tries at once may pass it together. */
  isFull(rule: RateLimitRule, subject: string): Promise<boolean>;
  forget(rule: RateLimitRule, subject: string): Promise<void>;
}

export function createRateLimit(kv: KeyValue): RateLimit {
  return {
    async count(rule, subject) {
      const { limit, windowSeconds } = rule;
      if (limit === 0) return;
      const outcome = await kv.increment(limitKey(rule, subject), { limit, ttlSeconds: windowSeconds });
      if (outcome.refused) {
        throw new AppError("throttled", { retryAfterSeconds: outcome.retryAfterSeconds });
      }
    },
    async isFull(rule, subject) {
      return rule.limit > 0 && Number(await kv.get(limitKey(rule, subject))) >= rule.limit;
    },
    async forget(rule, subject) {
      if (rule.limit > 0) await kv.delete(limitKey(rule, subject));
    },
  };
}

function limitKey(rule: RateLimitRule, subject: string): string {
  return key("limit", subject, rule.name);
}
