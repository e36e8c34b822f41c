import type { Db } from "../engines/database/database.ts";
import { defineJob, type JobDefinition } from "../engines/jobs/jobs.ts";
import { noticeTries, sendNotice } from "../engines/sms/notice.ts";
import { smsKind } from "../engines/sms/recorded-sms.ts";
import type { SmsSender } from "../engines/sms/sms.ts";
import type { Clock } from "../kernel/clock.ts";
import Type from "../kernel/schema/schema.ts";
import type { SmsNotice } from "../words/sms-texts.ts";
import { writeTold } from "./number-leave-store.ts";

/**
 * Tells the number itself that somebody asked to have it taken from an account: whoever has it may be its owner, and the one who
 * asked a thief. No code and no name is in it. What was not told goes from no account (number-leaves.ts).
 */
const Payload = Type.Object({ userId: Type.Integer(), mobile: Type.String(), days: Type.Integer() });
const purpose: SmsNotice = "leaveMobile";

export const numberLeaveSmsJob = defineJob("number-leave-sms", Payload, ({ mobile, userId }) => ({
  ...{ kind: smsKind(purpose), to: mobile, userId },
}));

export interface NumberLeaveSmsDeps {
  readonly sender: SmsSender;
  /** The words of the message. */
  readonly say: (notice: SmsNotice, days: number) => string;
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
    ...noticeTries,
    async handler({ userId, mobile, days }, run) {
      // Where nobody has the number there is nobody to tell, and the owner asks because of that.
      await sendNotice(sender, { to: mobile, purpose, text: say(purpose, days), days }, run);
      await writeTold(db, userId, clock.now());
    },
  };
}
