import { AppError } from "../../errors/errors.ts";
import { type KeyValue, key } from "./kv.ts";

/**
 * Waits that double in place of a wall: who is past a limit gets one more try after each wait. Promises: of any number of
 * callers at once, in any process, one gets the try, and the next wait begins with it in the same atomic step (guard:
 * captcha.race.test.ts); the first call begins a wait and gets none. After `forgetSeconds` without a try the waits are
 * short again.
 */
export interface GrowingWaitRule {
  readonly name: string;
  readonly firstSeconds: number;
  readonly longestSeconds: number;
  readonly forgetSeconds: number;
  /** Whether the first call is refused already; otherwise it passes, and the wait begins after it. Default true. */
  readonly refusesFirst?: boolean;
}

export interface GrowingWait {
  /** Takes the try. Error: `throttled`, with the seconds until the next one is due. */
  take(subject: string): Promise<void>;
  forget(subject: string): Promise<void>;
}

/** More than a number of doublings that any rule needs. */
const mostSteps = 1_000_000;

export function waitSeconds({ firstSeconds, longestSeconds }: GrowingWaitRule, step: number): number {
  return Math.min(longestSeconds, firstSeconds * 2 ** Math.min(step, 30));
}

export function createGrowingWait(kv: KeyValue, rule: GrowingWaitRule): GrowingWait {
  const keysOf = (subject: string) => ({
    closed: key("limit", subject, `${rule.name}-wait`),
    steps: key("limit", subject, `${rule.name}-steps`),
  });
  return {
    async take(subject) {
      const { closed, steps } = keysOf(subject);
      const step = Number(await kv.get(steps));
      const ttlSeconds = waitSeconds(rule, step);
      const [added] = await kv.batch([
        { verb: "add", key: closed, value: "1", ttlSeconds },
        {
          verb: "set",
          key: steps,
          value: String(Math.min(step + 1, mostSteps)),
          ttlSeconds: rule.forgetSeconds,
        },
      ]);
      if (added!.refused) throw new AppError("throttled", { retryAfterSeconds: added!.retryAfterSeconds });
      if (step === 0 && rule.refusesFirst !== false) {
        throw new AppError("throttled", { retryAfterSeconds: ttlSeconds });
      }
    },
    async forget(subject) {
      const { closed, steps } = keysOf(subject);
      await kv.batch([
        { verb: "delete", key: closed },
        { verb: "delete", key: steps },
      ]);
    },
  };
}
