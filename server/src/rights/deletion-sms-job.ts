import type { Users } from "../accounts/users.ts";
import { defineJob, type JobDefinition } from "../engines/jobs/jobs.ts";
import { noticeTries, sendNotice } from "../engines/sms/notice.ts";
import { smsKind } from "../engines/sms/recorded-sms.ts";
import type { SmsSender } from "../engines/sms/sms.ts";
import { type Clock, dayMillis } from "../kernel/clock.ts";
import Type from "../kernel/schema/schema.ts";
import type { SmsNotice } from "../words/sms-texts.ts";

/**
 * Tells an account that has no confirmed address, at its proved number, that somebody asked for its deletion. Attack: a stolen
 * password and a deletion that nobody hears of. No code and no name is in it.
 */
const Payload = Type.Object({ userId: Type.Integer(), mobile: Type.String() });
const purpose: SmsNotice = "deleteAccount";

export const deletionSmsJob = defineJob("deletion-sms", Payload, ({ mobile, userId }) => ({
  ...{ kind: smsKind(purpose), to: mobile, userId },
}));

export interface DeletionSmsDeps {
  readonly sender: SmsSender;
  readonly say: (notice: SmsNotice, days: number) => string;
  readonly users: Users;
  readonly clock: Clock;
}

export function deletionSms({ sender, say, users, clock }: DeletionSmsDeps): JobDefinition<typeof Payload> {
  return {
    ...deletionSmsJob,
    ...noticeTries,
    async handler({ userId, mobile }, run) {
      const dueAt = (await users.byId(userId))?.deletion_due_at ?? null;
      // Cancelled meanwhile, or too late to do anything about it.
      if (dueAt === null || dueAt <= clock.now()) return;
      const days = Math.ceil((dueAt - clock.now()) / dayMillis);
      await sendNotice(sender, { to: mobile, purpose, text: say(purpose, days), days }, run);
    },
  };
}
