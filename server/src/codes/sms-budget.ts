import type { FastifyBaseLogger as Log } from "fastify";
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
  /** Error: `sms_budget_spent`, with the seconds until the hour or the day ends. */
  count(isProved: boolean): Promise<void>;
  /** Whether strangers used up half of their part: from then on it takes more than asking. */
  isTight(): Promise<boolean>;
  /** Takes back one that was counted and not sent. */
  giveBack(): Promise<void>;
}

export interface SmsBudgetDeps extends Pick<CodesSettings, "smsPerHour" | "smsPerDay"> {
  readonly kv: KeyValue;
  readonly log: Log;
}

export const strangersPartOf = (budget: number): number => Math.max(1, Math.floor((budget * 4) / 5));

const subject = "everybody";

export function createSmsBudget({ kv, log, smsPerHour, smsPerDay }: SmsBudgetDeps): SmsBudget {
  // The longer wait first: it is the one to be told.
  const windows = [limitRule("sms-budget-day", smsPerDay), limitRule("sms-budget-hour", smsPerHour)].map(
    ({ name, limit, windowSeconds }) => ({
      ...{ key: key("limit", subject, name), budget: limit, seconds: windowSeconds },
    }),
  );

  async function warn(): Promise<void> {
    const said = key("once", subject, "sms-budget");
    const { refused } = await kv.add(said, "1", 3600);
    if (refused) return;
    log.warn(
      { alarm: "sms_budget", smsPerHour, smsPerDay },
      "the strangers' part of the SMS budget is used up; only proved numbers get codes",
    );
  }

  return {
    async count(isProved) {
      const operations = windows.map(
        ({ key: counter, budget, seconds }): Operation => ({
          ...{ verb: "increment", key: counter, ttlSeconds: seconds },
          limit: isProved ? budget : strangersPartOf(budget),
        }),
      );
      const refused = (await kv.batch(operations)).find((outcome) => outcome.refused);
      if (refused === undefined) return;
      await warn();
      throw new AppError("sms_budget_spent", { retryAfterSeconds: refused.retryAfterSeconds });
    },
    async isTight() {
      const gets = windows.map(({ key: counter }): Operation => ({ verb: "get", key: counter }));
      const counts = await kv.batch(gets);
      return windows.some(({ budget }, i) => Number(counts[i]!.value) * 2 >= strangersPartOf(budget));
    },
    async giveBack() {
      await kv
        .batch(windows.map(({ key: counter }): Operation => ({ verb: "decrement", key: counter })))
        .catch((error: unknown) =>
          log.warn({ err: error }, "an SMS that was not sent stays counted in the budget"),
        );
    },
  };
}
