import { AppError } from "../../errors/errors.ts";
import { randomToken } from "../../kernel/ids.ts";
import { type KeyValue, key, type Operation } from "./kv.ts";

/**
 * Waits that double in place of a wall: who is past a limit gets one more try after each wait. Promises: of any number of
 * callers at once, in any process, one gets the try, and the next wait begins with it in the same atomic step (guards:
 * captcha.race.test.ts, log-in-waits.race.test.ts); the first call begins a wait and gets none; a call within a wait makes it
 * no longer. After `forgetSeconds` without a try the waits are short again.
 */
export interface GrowingWaitRule {
  readonly name: string;
  readonly firstSeconds: number;
  readonly longestSeconds: number;
  readonly forgetSeconds: number;
  /** Whether the first call is refused already; otherwise it passes, and the wait begins after it. Default true. */
  readonly refusesFirst?: boolean;
}

/** Whose waits: hashed. `own`, where the keys are to lie beside those of a wider subject, so that one batch has them all. */
export interface WaitSubject {
  readonly subject: string;
  readonly own?: string;
}

export interface WaitOptions {
  /** No wait is shorter than that of this step. Default 0. */
  readonly fromStep?: number;
  /** Counted in the same step as a try that is got, of the same subject; one that is refused refuses the try. */
  readonly counts?: readonly Operation[];
}

export interface TakenTry {
  /** Takes it back: the wait that began with it is over, and counts for no step. What was counted with it stays. */
  giveBack(): Promise<void>;
}

export interface GrowingWait {
  /** Takes the try. Error: `throttled`, with the seconds until the next one is due. */
  take(whose: WaitSubject, options?: WaitOptions): Promise<TakenTry>;
  /** What forgets the waits, as a part of a batch. */
  forgetting(whose: WaitSubject): Operation[];
}

/** More than a number of doublings that any rule needs. */
const mostSteps = 1_000_000;

export function waitSeconds({ firstSeconds, longestSeconds }: GrowingWaitRule, step: number): number {
  return Math.min(longestSeconds, firstSeconds * 2 ** Math.min(step, 30));
}

export function createGrowingWait(kv: Pick<KeyValue, "get" | "batch">, rule: GrowingWaitRule): GrowingWait {
  const keysOf = ({ subject, own }: WaitSubject) => {
    const part = own === undefined ? [] : [own];
    return {
      closed: key("limit", subject, `${rule.name}-wait`, ...part),
      steps: key("limit", subject, `${rule.name}-steps`, ...part),
    };
  };
  const stepsAt = (steps: string, step: number): Operation => ({
    ...{ verb: "set", key: steps, value: String(Math.min(step, mostSteps)) },
    ttlSeconds: rule.forgetSeconds,
  });

  return {
    async take(whose, { fromStep = 0, counts = [] } = {}) {
      const { closed, steps } = keysOf(whose);
      const before = await kv.get(steps);
      const step = Math.max(Number(before), fromStep);
      const ttlSeconds = waitSeconds(rule, step);
      const isBegin = before === null && rule.refusesFirst !== false;
      const id = randomToken(9);
      const outcomes = await kv.batch([
        { verb: "add", key: closed, value: id, ttlSeconds },
        ...(isBegin ? [] : counts),
        stepsAt(steps, step + 1),
      ]);
      const refused = outcomes.find((outcome) => outcome.refused);
      if (refused) throw new AppError("throttled", { retryAfterSeconds: refused.retryAfterSeconds });
      if (isBegin) throw new AppError("throttled", { retryAfterSeconds: ttlSeconds });
      return {
        async giveBack() {
          // Not a wait that somebody else began since.
          const isOwn: Operation = { verb: "expect", key: closed, value: id };
          await kv.batch([isOwn, { verb: "delete", key: closed }, stepsAt(steps, step)]);
        },
      };
    },
    forgetting(whose) {
      const { closed, steps } = keysOf(whose);
      return [
        { verb: "delete", key: closed },
        { verb: "delete", key: steps },
      ];
    },
  };
}
