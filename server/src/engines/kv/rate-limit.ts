import { AppError } from "../../errors/errors.ts";
import { type KeyValue, key, type Operation } from "./kv.ts";

/**
 * Limits how often something may be tried. Promise: of any number of simultaneous callers, on any number of
 * machines, at most `limit` get through in a window; each check is one atomic step. The window opens with the
 * first call and is fixed, so two full windows may touch: at most twice the limit in any window's length.
 * It counts every try, also the successful ones; `giveBack` takes back the caller's own, `forget` drops them all.
 */
export interface RateLimitRule {
  /** Names the rule in its keys: `login-address`. */
  readonly name: string;
  /** 0 = unlimited: nothing is counted. */
  readonly limit: number;
  readonly windowSeconds: number;
}

export interface FullRule {
  readonly rule: RateLimitRule;
  readonly retryAfterSeconds: number;
}

export interface RateLimit {
  /**
   * Counts one try of `subject`. Throws AppError `throttled` with the seconds until the window ends.
   * Subjects that come from people (addresses, IP addresses) must be hashed by the caller.
   */
  count(rule: RateLimitRule, subject: string): Promise<void>;
  /**
   * Counts one try by each rule in one atomic step; the first that is full refuses it, and then none counts it.
   */
  countAll(rules: readonly RateLimitRule[], subject: string): Promise<void>;
  /** The same, for whoever answers a refusal by itself: the rule that is full, or null where the try is counted. */
  tryAll(rules: readonly RateLimitRule[], subject: string): Promise<FullRule | null>;
  /** Whether the next try would be refused; counts nothing, so tries at once may pass it together. */
  isFull(rule: RateLimitRule, subject: string): Promise<boolean>;
  /** Tries counted so far in the window; counts nothing. */
  counted(rule: RateLimitRule, subject: string): Promise<number>;
  /** Takes back one try that `count` counted. */
  giveBack(rule: RateLimitRule, subject: string): Promise<void>;
  /** Takes back one try that `countAll` counted. */
  giveBackAll(rules: readonly RateLimitRule[], subject: string): Promise<void>;
  forget(rule: RateLimitRule, subject: string): Promise<void>;
  forgetAll(rules: readonly RateLimitRule[], subject: string): Promise<void>;
}

export function createRateLimit(kv: Pick<KeyValue, "get" | "batch">): RateLimit {
  /** The same verb for the keys of all rules, in one atomic step. */
  async function each(verb: "delete" | "decrement", rules: readonly RateLimitRule[], subject: string) {
    const operations = rules
      .filter(({ limit }) => limit > 0)
      .map((rule): Operation => ({ verb, key: limitKey(rule, subject) }));
    if (operations.length > 0) await kv.batch(operations);
  }
  const giveBackAll = (rules: readonly RateLimitRule[], subject: string) => each("decrement", rules, subject);
  const forgetAll = (rules: readonly RateLimitRule[], subject: string) => each("delete", rules, subject);

  async function tryAll(rules: readonly RateLimitRule[], subject: string): Promise<FullRule | null> {
    const counted = rules.filter(({ limit }) => limit > 0);
    const operations = counted.map((rule): Operation => {
      const { limit, windowSeconds: ttlSeconds } = rule;
      return { verb: "increment", key: limitKey(rule, subject), limit, ttlSeconds };
    });
    const outcomes = await kv.batch(operations);
    const at = outcomes.findIndex(({ refused }) => refused);
    return at === -1 ? null : { rule: counted[at]!, retryAfterSeconds: outcomes[at]!.retryAfterSeconds };
  }

  async function countAll(rules: readonly RateLimitRule[], subject: string): Promise<void> {
    const full = await tryAll(rules, subject);
    if (full !== null) throw new AppError("throttled", { retryAfterSeconds: full.retryAfterSeconds });
  }

  const counted = async (rule: RateLimitRule, subject: string) =>
    Number(await kv.get(limitKey(rule, subject)));

  return {
    count: (rule, subject) => countAll([rule], subject),
    countAll,
    tryAll,
    isFull: async (rule, subject) => rule.limit > 0 && (await counted(rule, subject)) >= rule.limit,
    counted,
    giveBack: (rule, subject) => giveBackAll([rule], subject),
    giveBackAll,
    forget: (rule, subject) => forgetAll([rule], subject),
    forgetAll,
  };
}

function limitKey(rule: RateLimitRule, subject: string): string {
  return key("limit", subject, rule.name);
}
