import type { CaptchaGate } from "../captcha/captcha-gate.ts";
import type { Jobs } from "../engines/jobs/jobs.ts";
import { AppError } from "../errors/errors.ts";
import type { Clock } from "../kernel/clock.ts";
import { limitRule } from "../kernel/limits.ts";
import { type CodeChannel, lifeSecondsOf } from "./channel.ts";
import type { CodesSettings } from "./settings.ts";
import type { SmsBudget } from "./sms-budget.ts";
import type { SmsConversion } from "./sms-conversion.ts";
import { smsCodeJob } from "./sms-jobs.ts";
import type { SmsMinute } from "./sms-minute.ts";
import { flagNameOf, type SmsPurpose } from "./sms-purposes.ts";
import type { createSmsRisk } from "./sms-risk.ts";

/**
 * Codes by SMS. Each costs money and somebody's patience, so more is counted than of mails: one flag a minute of a number
 * and purpose for all strangers together, the client's network by the hour and the day, and the whole site's budget.
 * Devices that the owner of the proved number logged in with have flags of their own: nobody holds them up. Attack:
 * pumping, to have the site pay for messages to numbers that earn by them (guards: sms-codes.test.ts, sms.race.test.ts).
 */
export interface SmsChannelDeps
  extends Pick<CodesSettings, "smsRequestLimit" | "smsRequestLimitPerDay" | "codeTryLimit"> {
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly budget: SmsBudget;
  readonly minute: SmsMinute;
  readonly conversion: Pick<SmsConversion, "counted" | "proved">;
  readonly isRisky: ReturnType<typeof createSmsRisk>;
  readonly captchaGate: CaptchaGate;
  /** ISO 3166-1, two letters. */
  readonly countryOf: (mobile: string) => string;
  /** For metrics. */
  readonly onStage?: ((country: string, purpose: string, stage: "sent" | "proved") => void) | undefined;
}

export function createSmsChannel(deps: SmsChannelDeps): CodeChannel {
  const { jobs, clock, budget, minute, conversion, countryOf } = deps;
  const perHour = limitRule("sms", deps.smsRequestLimit);
  return {
    async send(code) {
      const { codeId, to: mobile, language, lifeMillis } = code;
      const purpose = code.purpose as SmsPurpose;
      const counted = conversion.counted(mobile);
      await budget.count(code.hasAccount, counted);
      try {
        const delaySeconds = await minute.wait(mobile);
        // Of a code that lives on since long before: it would be gone when the message comes.
        if (delaySeconds >= lifeSecondsOf(code)) {
          throw new AppError("sms_too_frequent", { retryAfterSeconds: delaySeconds });
        }
        const expiresAt = clock.now() + lifeMillis;
        const payload = { codeId, mobile, purpose, language, expiresAt };
        await jobs.enqueue(smsCodeJob, payload, { deadlineAt: expiresAt, delaySeconds });
      } catch (error) {
        await budget.giveBack(counted);
        throw error;
      }
      deps.onStage?.(countryOf(mobile), purpose, "sent");
    },
    async guard({ to: mobile, purpose, client, captcha }) {
      if (captcha === "answered") return;
      if (!(await deps.isRisky(client, mobile, perHour))) return;
      await deps.captchaGate.expect({ purpose, address: mobile }, captcha, {
        ...{ subject: client.network, whenUnavailable: "refuse" },
      });
    },
    async proved(mobile, purpose) {
      deps.onStage?.(countryOf(mobile), purpose, "proved");
      await conversion.proved(mobile);
    },
    flagOf: ({ id, isKnown }, purpose) =>
      `${flagNameOf(purpose as SmsPurpose)}-${isKnown ? id : "strangers"}`,
    perNetwork: [limitRule("sms-day", deps.smsRequestLimitPerDay), perHour],
    triesPerNetwork: limitRule("code-tries", deps.codeTryLimit),
    errors: { tooFrequent: "sms_too_frequent", wrong: "sms_code_wrong", expired: "sms_code_expired" },
  };
}
