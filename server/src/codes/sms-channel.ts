import type { CaptchaGate } from "../captcha/captcha-gate.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import type { KeyValue, Operation } from "../engines/kv/kv.ts";
import { AppError } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import { limitRule, limits } from "../kernel/limits.ts";
import type { Log } from "../kernel/log.ts";
import {
  type CodeChannel,
  type Count,
  type Counting,
  type CountingRequest,
  freeRules,
  lifeSecondsOf,
} from "./channel.ts";
import { createCodeKeys } from "./code-keys.ts";
import type { CodesSettings } from "./settings.ts";
import type { CountedSms, SmsBudget } from "./sms-budget.ts";
import type { SmsConversion } from "./sms-conversion.ts";
import { smsCodeJob } from "./sms-jobs.ts";
import { flagNameOf, type SmsPurpose } from "./sms-purposes.ts";
import type { SmsRefusals } from "./sms-refusals.ts";
import type { PlannedSms, SmsSums } from "./sms-sums.ts";

/**
 * Codes by SMS. Each costs money and somebody's patience, so more is counted than of mails: one flag a minute of a number
 * and purpose for all strangers together, the client's network by the hour and the day, the account that is logged in, and the
 * whole site's budget. Devices that the owner of the proved number logged in with have flags of their own: nobody holds them
 * up. Promise: what is refused or fails leaves every count as it was. Attack: pumping, to have the site pay for messages to
 * numbers that earn by them (guards: sms-codes.test.ts, sms.race.test.ts, sms-faults.test.ts).
 */
export interface SmsChannelDeps extends Pick<CodesSettings, "codeTryLimit"> {
  readonly rules: SmsRules;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly kv: KeyValue;
  readonly log: Pick<Log, "debug">;
  readonly secretKey: string;
  readonly budget: SmsBudget;
  readonly sums: SmsSums;
  readonly refusals: SmsRefusals;
  readonly conversion: Pick<SmsConversion, "isPoor" | "proved">;
  readonly captchaGate: CaptchaGate;
  /** Of one network within an hour; 0 = never for that. */
  readonly captchaAfterSms: number;
  /** ISO 3166-1, two letters. */
  readonly countryOf: (mobile: string) => string;
  /** For metrics. */
  readonly onProved?: ((country: string, purpose: string) => void) | undefined;
}

/** How many may be asked for, where it is counted by a rule of the table. */
export function smsRules(
  settings: Pick<CodesSettings, "smsRequestLimit" | "smsRequestLimitPerDay" | "smsRequestLimitPerAccount">,
) {
  const perHour = limitRule("sms", settings.smsRequestLimit);
  return {
    perHour,
    perNetwork: [limitRule("sms-day", settings.smsRequestLimitPerDay), perHour],
    perAccount: limitRule("sms-account", settings.smsRequestLimitPerAccount),
  };
}
export type SmsRules = ReturnType<typeof smsRules>;

export function createSmsChannel(deps: SmsChannelDeps): CodeChannel {
  const { conversion } = deps;
  const { perHour, perNetwork, perAccount } = deps.rules;
  const free = freeRules(perNetwork, perHour, deps.captchaAfterSms);
  const keysOf = createCodeKeys(deps.secretKey);
  return {
    counting: (request) => countingOf(deps, request),
    captcha: {
      free: () => free,
      isDue: (mobile) => conversion.isPoor(mobile),
      expect: ({ to: mobile, purpose, client, captcha }) =>
        deps.captchaGate.expect({ purpose, address: mobile }, captcha, {
          ...{ subject: client.network, whenUnavailable: "refuse" },
        }),
    },
    async proved(mobile, purpose) {
      deps.onProved?.(deps.countryOf(mobile), purpose);
      await conversion.proved(mobile);
      // Whoever has the number may be sent as many again.
      await deps.kv.delete(keysOf(mobile, purpose).reserve).catch((error: unknown) => {
        deps.log.debug({ err: error }, "a code by SMS that came back stays counted in its number's reserve");
      });
    },
    flagOf: ({ id, isKnown }, purpose) =>
      `${flagNameOf(purpose as SmsPurpose)}-${isKnown ? id : "strangers"}`,
    perNetwork,
    perAccount,
    triesPerNetwork: limitRule("code-tries", deps.codeTryLimit),
    errors: { tooFrequent: "sms_too_frequent", wrong: "sms_code_wrong", expired: "sms_code_expired" },
  };
}

const ofReserve = limits["sms-reserve"];

function countingOf(deps: SmsChannelDeps, request: CountingRequest): Counting {
  const { budget, sums, refusals, kv, clock, log } = deps;
  const { to: mobile, keys, client, isTrusted, isPassed } = request;
  const about = { mobile, purpose: request.purpose as SmsPurpose };
  const stays = (what: string) => (error: unknown) =>
    log.debug({ err: error }, `${what} stays counted without an SMS`);
  let counted: CountedSms | undefined;
  let isTry = false;
  let sends: string | null = null;
  let planned: PlannedSms | undefined;

  const number: Count = {
    async take() {
      const [sent, refused] = await kv.batch([sums.reading(keys), refusals.reading(keys)]);
      sends = sent!.value;
      refusals.expectNone(refused!.value, client);
    },
    async giveBack() {},
  };
  const site: Count = {
    async take() {
      const asker = { isTrusted, isProved: client.hasAccount, isPassed };
      counted = await budget.count(asker, refusals.readingSite(about));
      try {
        isTry = await refusals.takeTry(counted.read, about);
      } catch (error) {
        await budget.giveBack();
        throw error;
      }
    },
    async giveBack() {
      await budget.giveBack();
      if (isTry) await refusals.giveBackTry(about).catch(stays("the minute's try at a vendor that refuses"));
    },
  };
  const isOfReserve = () => !isTrusted && counted!.isOfReserve;

  return {
    counts: [number, site],
    steps() {
      planned = sums.plan(keys, sends, { isTrusted });
      const { most: limit, windowSeconds: ttlSeconds } = ofReserve;
      const kept: Operation[] = [{ verb: "increment", key: keys.reserve, limit, ttlSeconds }];
      return [...(isOfReserve() ? kept : []), ...planned.operations];
    },
    async refusal(at, retryAfterSeconds) {
      if (isOfReserve() && at === 0) return new AppError("sms_budget_spent", { retryAfterSeconds });
      await number.take();
      return null;
    },
    async giveBackSteps() {
      await sums.giveBack(mobile, planned!.at);
      if (!isOfReserve()) return;
      const undo: Operation = { verb: "decrement", key: keys.reserve };
      await kv.batch([undo]).catch(stays("one of the number's reserve"));
    },
    async send(code, by) {
      const { at, delaySeconds } = planned!;
      // Of a code that lives on since long before: it would be gone when the message comes.
      if (delaySeconds >= lifeSecondsOf(code)) {
        throw new AppError("sms_too_frequent", { retryAfterSeconds: delaySeconds });
      }
      const expiresAt = clock.now() + code.lifeMillis;
      const subjects = Object.entries(by).filter((entry): entry is [string, string] => entry[1] !== null);
      const payload = {
        ...{ ...about, codeId: code.codeId, language: code.language, expiresAt, isTry, at },
        ...{ isKnown: client.isKnown, countedBy: Object.fromEntries(subjects) },
        ...(code.askedBy === undefined ? {} : { askedBy: code.askedBy }),
      };
      await deps.jobs.enqueue(smsCodeJob, payload, { deadlineAt: expiresAt, delaySeconds });
    },
  };
}
