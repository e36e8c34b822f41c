import { defineJob, type JobDefinition } from "../engines/jobs/jobs.ts";
import { noticeTries, sendNotice } from "../engines/sms/notice.ts";
import { smsKind } from "../engines/sms/recorded-sms.ts";
import type { SmsSender } from "../engines/sms/sms.ts";
import Type from "../kernel/schema/schema.ts";
import type { SmsNotice } from "../words/sms-texts.ts";

/**
 * Tells the proved number of either of two joined accounts that has no confirmed address that they became one. Attack: an account that
 * goes by its number alone, taken into a thief's, and its owner never hears of it. No code and no name is in it
 * (guard: joining-sms.test.ts).
 */
const Payload = Type.Object({ userId: Type.Integer(), mobile: Type.String() });
const purpose: SmsNotice = "joinAccount";

export const joinedSmsJob = defineJob("joined-sms", Payload, ({ mobile, userId }) => ({
  ...{ kind: smsKind(purpose), to: mobile, userId },
}));

export interface JoinedSmsDeps {
  readonly sender: SmsSender;
  readonly say: (notice: SmsNotice, days: number) => string;
}

export function joinedSms({ sender, say }: JoinedSmsDeps): JobDefinition<typeof Payload> {
  return {
    ...joinedSmsJob,
    ...noticeTries,
    handler: ({ mobile }, run) =>
      sendNotice(sender, { to: mobile, purpose, text: say(purpose, 0), days: 1 }, run),
  };
}
