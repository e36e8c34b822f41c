import { attemptsWithin } from "../engines/jobs/job-definitions.ts";
import { defineJob, type JobDefinition } from "../engines/jobs/jobs.ts";
import { smsKind } from "../engines/sms/recorded-sms.ts";
import { SmsRefused, type SmsSender } from "../engines/sms/sms.ts";
import type { Clock } from "../kernel/clock.ts";
import Type from "../kernel/schema/schema.ts";
import type { Language } from "../words/language.ts";
import type { CodeOf } from "./code.ts";
import type { SmsMinute } from "./sms-minute.ts";
import { type SmsPurpose, smsPurposes } from "./sms-purposes.ts";

const Payload = Type.Object({
  codeId: Type.String(),
  mobile: Type.String(),
  purpose: Type.Enum(smsPurposes),
  language: Type.String(),
  /** Until when the code lives, epoch milliseconds: the job may have waited for the vendor's minute. */
  expiresAt: Type.Integer(),
});

export const smsCodeJob = defineJob("sms-code", Payload, ({ purpose, mobile }) => ({
  kind: smsKind(purpose),
  to: mobile,
}));

/** As of code mails: the person waits for the code. */
const backoff = { backoffSeconds: 2, backoffLimitSeconds: 30 };

export interface SmsCodeDeps {
  readonly codeOf: CodeOf;
  readonly sender: SmsSender;
  readonly clock: Clock;
  readonly codeLifeSeconds: number;
  readonly minute: SmsMinute;
  /**
   * Whether a code for it could do anything; an SMS that could not is not paid for. Asked here, in the worker, so that no
   * answer's time tells who has an account.
   */
  readonly isOfUse: (purpose: SmsPurpose, mobile: string) => Promise<boolean>;
  /** One that was counted, and does not go out. Attack: codes for numbers that nobody has, to use the budget up for nothing. */
  readonly notSent: (mobile: string) => Promise<void>;
  /** The words of a purpose's message, with its places filled. */
  readonly say: (
    purpose: SmsPurpose,
    language: Language,
    values: { readonly code: string; readonly minutes: number },
  ) => string;
}

/** Sends a code by SMS, and nothing where it would be good for nothing. */
export function smsCode(deps: SmsCodeDeps): JobDefinition<typeof Payload> {
  return {
    ...smsCodeJob,
    // As long as the code lives: the deadline it is enqueued with makes it a dead letter.
    attempts: attemptsWithin(deps.codeLifeSeconds, backoff),
    ...backoff,
    async handler({ codeId, mobile, purpose, language, expiresAt }, run) {
      if (!(await deps.isOfUse(purpose, mobile))) return deps.notSent(mobile);
      const code = deps.codeOf(codeId, purpose, mobile);
      // What the message says is true when it is read: rounded down.
      const minutes = Math.max(1, Math.floor((expiresAt - deps.clock.now()) / 60_000));
      const text = deps.say(purpose, language, { code, minutes });
      const message = { to: mobile, purpose, code, minutes, text, messageId: run.id, attempt: run.attempt };
      try {
        await deps.sender.send(message, run.signal);
      } catch (error) {
        // Who asks next is told at once, in place of an answer that nothing follows.
        if (error instanceof SmsRefused && error.refusal === "too_often") await deps.minute.hold(mobile);
        throw error;
      }
    },
  };
}
