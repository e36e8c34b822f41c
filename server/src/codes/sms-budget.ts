import type { FastifyBaseLogger as Log } from "fastify";
import { warnOnceAnHour } from "../engines/kv/alarm.ts";
import { type KeyValue, key, type Operation } from "../engines/kv/kv.ts";
import { AppError } from "../errors/errors.ts";
import { limitRule } from "../kernel/limits.ts";
import type { CodesSettings } from "./settings.ts";

/**
 * What the whole site may send by SMS in an hour and a day. Numbers that nobody has proved are the first to go without: they
 * get four fifths of it, the rest is for numbers of accounts here. Promise: counted in one atomic step before anything is
 * sent, so of any number of requests at once none passes the budget (guard: sms.race.test.ts). When the strangers'
 * part is used up the log says so once an hour.
 */
export interface SmsBudget {
  /**
   * `also` is counted in the same step, or not at all. Error: `sms_budget_spent`, with the seconds until the hour or the day ends.
   */
  count(isProved: boolean, also?: Counted): Promise<void>;
  /** Whether strangers used up half of their part: from then on it takes more than asking. */
  isTight(): Promise<boolean>;
  /** Takes back one that was counted and not sent. */
  giveBack(also?: Counted): Promise<void>;
}

type Counted = Operation & { readonly verb: "increment" };

export interface SmsBudgetDeps extends Pick<CodesSettings, "smsPerHour" | "smsPerDay"> {
  readonly kv: KeyValue;
  readonly log: Log;
}

export const strangersPartOf = (budget: number): number => Math.max(1, Math.floor((budget * 4) / 5));

const subject = "everybody";
const freshMillis = 1000;

export function createSmsBudget({ kv, log, smsPerHour, smsPerDay }: SmsBudgetDeps): SmsBudget {
  // The longer wait first: it is the one to be told.
  const windows = [limitRule("sms-budget-day", smsPerDay), limitRule("sms-budget-hour", smsPerHour)].map(
    ({ name, limit, windowSeconds }) => ({
      ...{ key: key("limit", subject, name), budget: limit, seconds: windowSeconds },
    }),
  );

  /** The counts as they were last seen: by performance.now, each against the strangers' part. */
  let seen = { at: Number.NEGATIVE_INFINITY, shares: [] as readonly number[] };
  function see(counts: readonly number[]): readonly number[] {
    const shares = windows.map(({ budget }, i) => counts[i]! / strangersPartOf(budget));
    seen = { at: performance.now(), shares };
    return shares;
  }

  const warn = () =>
    warnOnceAnHour(
      { kv, log },
      "sms-budget",
      { alarm: "sms_budget", smsPerHour, smsPerDay },
      "the strangers' part of the SMS budget is used up; only proved numbers get codes",
    );

  return {
    async count(isProved, also) {
      const operations = windows.map(
        ({ key: counter, budget, seconds }): Operation => ({
          ...{ verb: "increment", key: counter, ttlSeconds: seconds },
          limit: isProved ? budget : strangersPartOf(budget),
        }),
      );
      const all = also === undefined ? operations : [...operations, also];
      const outcomes = await kv.batch(all);
      const refused = outcomes.find((outcome) => outcome.refused);
      if (refused === undefined) return void see(outcomes.map(({ count }) => count));
      await warn();
      throw new AppError("sms_budget_spent", { retryAfterSeconds: refused.retryAfterSeconds });
    },
    async isTight() {
      // Far from it a second ago: what others counted since doesn't make it so.
      const isRecent = performance.now() - seen.at < freshMillis;
      if (isRecent && seen.shares.every((share) => share < 1 / 4)) return false;
      const gets = windows.map(({ key: counter }): Operation => ({ verb: "get", key: counter }));
      const counts = await kv.batch(gets);
      return see(counts.map(({ value }) => Number(value))).some((share) => share >= 1 / 2);
    },
    async giveBack(also) {
      const keys = [...windows.map((window) => window.key), ...(also === undefined ? [] : [also.key])];
      await kv
        .batch(keys.map((counter): Operation => ({ verb: "decrement", key: counter })))
        .catch((error: unknown) =>
          log.warn({ err: error }, "an SMS that was not sent stays counted in the budget"),
        );
    },
  };
}
