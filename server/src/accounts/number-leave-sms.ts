import { attemptsWithin } from "../engines/jobs/job-definitions.ts";
import { defineJob, type JobDefinition } from "../engines/jobs/jobs.ts";
import { smsKind } from "../engines/sms/recorded-sms.ts";
import type { SmsSender } from "../engines/sms/sms.ts";
import Type from "../kernel/schema/schema.ts";

/**
 * Tells the number itself that somebody asked to have it taken from an account: whoever has it may be its owner, and the one who
 * asked a thief. No code and no name is in it. It goes on for two days where the vendor is away: the delay is longer.
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
}

export function numberLeaveSms({ sender, say }: NumberLeaveSmsDeps): JobDefinition<typeof Payload> {
  return {
    ...numberLeaveSmsJob,
    attempts: attemptsWithin(noticeSeconds, backoff),
    ...backoff,
    async handler({ mobile, days }, run) {
      const message = { to: mobile, purpose: leavePurpose, code: "", minutes: days * 24 * 60 };
      await sender.send({ ...message, text: say(days), messageId: run.id, attempt: run.attempt }, run.signal);
    },
  };
}
