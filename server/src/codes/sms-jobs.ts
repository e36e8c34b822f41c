import type { Static } from "typebox";
import { attemptsWithin } from "../engines/jobs/job-definitions.ts";
import { defineJob, type JobDefinition, PermanentFailure } from "../engines/jobs/jobs.ts";
import { smsKind } from "../engines/sms/recorded-sms.ts";
import { type SmsRefusal, SmsRefused, type SmsSender } from "../engines/sms/sms.ts";
import type { Clock } from "../kernel/clock.ts";
import Type from "../kernel/schema/schema.ts";
import type { Language } from "../words/language.ts";
import type { CodeOf } from "./code.ts";
import { type SmsPurpose, smsPurposes } from "./sms-purposes.ts";

const Payload = Type.Object({
  codeId: Type.String(),
  mobile: Type.String(),
  purpose: Type.Enum(smsPurposes),
  language: Type.String(),
  /** Until when the code lives, epoch milliseconds: the job may have waited for the vendor's minute. */
  expiresAt: Type.Integer(),
  askedBy: Type.Optional(Type.Integer()),
  // What it was counted by. Absent in a job of an earlier release.
  /** Its time in the number's sums. */
  at: Type.Optional(Type.Integer()),
  isTry: Type.Optional(Type.Boolean()),
  isKnown: Type.Optional(Type.Boolean()),
  countedBy: Type.Optional(
    Type.Object({
      ...{ network: Type.Optional(Type.String()), wider: Type.Optional(Type.String()) },
      account: Type.Optional(Type.String()),
    }),
  ),
});
export type SentSms = Static<typeof Payload>;

export const smsCodeJob = defineJob("sms-code", Payload, ({ purpose, mobile, askedBy }) => ({
  kind: smsKind(purpose),
  to: mobile,
  askedBy,
}));

/** As of code mails: the person waits for the code. */
const backoff = { backoffSeconds: 2, backoffLimitSeconds: 30 };

export interface SmsCodeDeps {
  readonly codeOf: CodeOf;
  readonly sender: SmsSender;
  readonly clock: Clock;
  readonly codeLifeSeconds: number;
  /**
   * Whether a code for it could do anything; an SMS that could not is not paid for. Asked here, in the worker, so that no
   * answer's time tells who has an account.
   */
  readonly isOfUse: (purpose: SmsPurpose, mobile: string) => Promise<boolean>;
  /** What comes of one (sms-outcomes.ts). */
  readonly outcomes: {
    readonly notSent: () => Promise<void>;
    readonly refused: (sms: SentSms, refusal: SmsRefusal) => Promise<void>;
    readonly taken: (sms: SentSms) => Promise<void>;
  };
  /** The words of a purpose's message, with its places filled. */
  readonly say: (
    purpose: SmsPurpose,
    language: Language,
    values: { readonly code: string; readonly minutes: number },
  ) => string;
}

/**
 * Sends a code by SMS, and nothing where it would be good for nothing. Promise: none goes out when its code is over, also where
 * an operator has dead letters tried again, whose counts were given back (guard: sms-dead-letters.test.ts).
 */
export function smsCode(deps: SmsCodeDeps): JobDefinition<typeof Payload> {
  return {
    ...smsCodeJob,
    // As long as the code lives: the deadline it is enqueued with makes it a dead letter.
    attempts: attemptsWithin(deps.codeLifeSeconds, backoff),
    ...backoff,
    async handler(sms, run) {
      const { codeId, mobile, purpose, language, expiresAt, askedBy } = sms;
      // The job's deadline is gone when an operator asks for it again. What it counted was settled when it died.
      if (deps.clock.now() >= expiresAt) throw new PermanentFailure("its code's time is over");
      if (!(await deps.isOfUse(purpose, mobile))) return deps.outcomes.notSent();
      const code = deps.codeOf(codeId, purpose, mobile);
      // What the message says is true when it is read: rounded down.
      const minutes = Math.max(1, Math.floor((expiresAt - deps.clock.now()) / 60_000));
      const text = deps.say(purpose, language, { code, minutes });
      const message = {
        ...{ to: mobile, purpose, code, minutes, text, messageId: run.id, attempt: run.attempt },
        askedBy,
      };
      try {
        await deps.sender.send(message, run.signal);
      } catch (error) {
        // Who asks next is told at once, in place of an answer that nothing follows.
        if (error instanceof SmsRefused) await deps.outcomes.refused(sms, error.refusal);
        throw error;
      }
      await deps.outcomes.taken(sms);
    },
  };
}
