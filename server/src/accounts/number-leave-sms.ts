import type { Db } from "../engines/database/database.ts";
import { attemptsWithin } from "../engines/jobs/job-definitions.ts";
import { defineJob, type JobDefinition } from "../engines/jobs/jobs.ts";
import { smsKind } from "../engines/sms/recorded-sms.ts";
import { SmsFailure, SmsRefused, type SmsSender } from "../engines/sms/sms.ts";
import type { Clock } from "../kernel/clock.ts";
import Type from "../kernel/schema/schema.ts";
import { writeTold } from "./number-leave-store.ts";

/**
 * Tells the number itself that somebody asked to have it taken from an account: whoever has it may be its owner, and the one who
 * asked a thief. No code and no name is in it. It goes on for two days, whatever the vendor says, but that nobody has the number:
 * the delay is longer. Attack: a thief who first has the vendor refuse the number, by asking for codes to it, so that its owner is never
 * told. What was not told goes from no account (number-leaves.ts; guard: number-leave-notice.test.ts).
 */
const Payload = Type.Object({ userId: Type.Integer(), mobile: Type.String(), days: Type.Integer() });

export const leavePurpose = "leaveMobile";

export const numberLeaveSmsJob = defineJob("number-leave-sms", Payload, ({ mobile, userId }) => ({
  ...{ kind: smsKind(leavePurpose), to: mobile, userId },
}));

const backoff = { backoffSeconds: 10, backoffLimitSeconds: 3600 };
const noticeSeconds = 2 * 24 * 3600;

export interface NumberLeaveSmsDeps {
  readonly sender: SmsSender;
  /** The words of the message. */
  readonly say: (days: number) => string;
  readonly db: Db;
  readonly clock: Clock;
}

export function numberLeaveSms({
  sender,
  say,
  db,
  clock,
}: NumberLeaveSmsDeps): JobDefinition<typeof Payload> {
  return {
    ...numberLeaveSmsJob,
    attempts: attemptsWithin(noticeSeconds, backoff),
    ...backoff,
    async handler({ userId, mobile, days }, run) {
      const message = { to: mobile, purpose: leavePurpose, code: "", minutes: days * 24 * 60 };
      const sent = { ...message, text: say(days), messageId: run.id, attempt: run.attempt };
      await sender.send(sent, run.signal).catch((error: unknown) => {
        if (!(error instanceof SmsRefused)) throw error;
        // Nobody can be told there, and the owner asks because of that.
        if (error.refusal === "number") return;
        // The number's share, or what an operator puts right: both may pass.
        throw new SmsFailure(error.message);
      });
      await writeTold(db, userId, clock.now());
    },
  };
}
