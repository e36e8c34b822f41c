import type { FastifyBaseLogger as Log } from "fastify";
import { warnOnceAnHour } from "../engines/kv/alarm.ts";
import { type KeyValue, key, type Operation, type Outcome } from "../engines/kv/kv.ts";
import { AppError } from "../errors/errors.ts";
import { limitRule } from "../kernel/limits.ts";
import { CaptchaDue } from "./channel.ts";
import type { CodesSettings } from "./settings.ts";

/**
 * What the whole site may send by SMS in an hour and a day, in three parts. Numbers that nobody has proved are the first to go
 * without: they get half of it. Up to nine tenths go to strangers who ask for proved numbers, each number a few of what is beyond
 * the half (sms-channel.ts). The last tenth is left to devices that logged in to the number's account before, who
 * may use all of it. Promises: counted in one atomic step before anything is sent, so of any number of requests at once none passes
 * its part; past a quarter none passes without a captcha (guards: sms.race.test.ts, pumping.test.ts). Attack: using up what
 * is kept for owners by asking for their numbers. When the first part is used up the log says so once an hour.
 */
export interface SmsBudget {
  /**
   * `reading` is read in the same step. Errors: `sms_budget_spent`, with the seconds until the hour or the day ends; CaptchaDue
   * for who has shown none. Then nothing is counted.
   */
  count(asker: BudgetAsker, reading: Operation): Promise<CountedSms>;
  /** Takes back one that was counted and not sent. Never rejects. */
  giveBack(): Promise<void>;
}

export interface BudgetAsker {
  /** A device that the number's account knows, or staff who ask for it. */
  readonly isTrusted: boolean;
  /** Whether an account proved the number. */
  readonly isProved: boolean;
  /** Whether no captcha is to be asked for: one was shown, or never is. */
  readonly isPassed: boolean;
}

export interface CountedSms {
  /** Whether it is of what is kept for proved numbers. */
  readonly isOfReserve: boolean;
  readonly read: Outcome;
}

export interface SmsBudgetDeps extends Pick<CodesSettings, "smsPerHour" | "smsPerDay"> {
  readonly kv: KeyValue;
  readonly log: Log;
}

const part = (share: number) => (budget: number) => Math.max(1, Math.floor(budget * share));
/** Of numbers that nobody proved. */
export const unprovedPartOf = part(1 / 2);
/** Of all strangers. */
export const strangersPartOf = part(9 / 10);
/** Past it a captcha is asked for. */
const freePartOf = part(1 / 4);

const subject = "everybody";

export function createSmsBudget({ kv, log, smsPerHour, smsPerDay }: SmsBudgetDeps): SmsBudget {
  // The longer wait first: it is the one to be told.
  const windows = [limitRule("sms-budget-day", smsPerDay), limitRule("sms-budget-hour", smsPerHour)].map(
    ({ name, limit, windowSeconds }) => ({
      ...{ key: key("limit", subject, name), budget: limit, seconds: windowSeconds },
    }),
  );

  const warn = () =>
    warnOnceAnHour(
      { kv, log },
      "sms-budget",
      { alarm: "sms_budget", smsPerHour, smsPerDay },
      "the strangers' part of the SMS budget is used up; only proved numbers get codes",
    );

  /** A captcha would be answered for nothing where there is nothing left. */
  async function expectLeft(at: number, share: (budget: number) => number): Promise<void> {
    const { key: counter, budget } = windows[at]!;
    if (Number(await kv.get(counter)) < share(budget)) throw new CaptchaDue();
  }

  return {
    async count({ isTrusted, isProved, isPassed }, reading) {
      const share = isTrusted ? (all: number) => all : isProved ? strangersPartOf : unprovedPartOf;
      const counting = windows.map(
        ({ key: counter, budget, seconds }): Operation => ({
          ...{ verb: "increment", key: counter, ttlSeconds: seconds },
          limit: isPassed ? share(budget) : Math.min(freePartOf(budget), share(budget)),
        }),
      );
      const [read, ...counts] = await kv.batch([reading, ...counting]);
      const at = counts.findIndex(({ refused }) => refused);
      if (at !== -1) {
        if (!isPassed) await expectLeft(at, share);
        await warn();
        throw new AppError("sms_budget_spent", { retryAfterSeconds: counts[at]!.retryAfterSeconds });
      }
      const isOfReserve = windows.some(({ budget }, i) => counts[i]!.count > unprovedPartOf(budget));
      return { isOfReserve, read: read! };
    },
    async giveBack() {
      await kv
        .batch(windows.map((window): Operation => ({ verb: "decrement", key: window.key })))
        .catch((error: unknown) =>
          log.warn({ err: error }, "an SMS that was not sent stays counted in the budget"),
        );
    },
  };
}
