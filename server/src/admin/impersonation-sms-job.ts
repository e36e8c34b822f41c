import { isMobileProved } from "../accounts/mobile.ts";
import type { User } from "../accounts/record.ts";
import { defineJob, type JobDefinition } from "../engines/jobs/jobs.ts";
import { noticeTries, sendNotice } from "../engines/sms/notice.ts";
import { smsKind } from "../engines/sms/recorded-sms.ts";
import type { SmsSender } from "../engines/sms/sms.ts";
import Type from "../kernel/schema/schema.ts";
import type { SmsNotice } from "../words/sms-texts.ts";

/** Tells an account that has no confirmed address, at its proved number, that staff act in its place. No code and no name is in it. */
const Payload = Type.Object({ userId: Type.Integer(), mobile: Type.String() });
const purpose: SmsNotice = "impersonation";

export const impersonationSmsJob = defineJob("impersonation-sms", Payload, ({ mobile, userId }) => ({
  ...{ kind: smsKind(purpose), to: mobile, userId },
}));

/** The number to tell; null where the owner has a confirmed address, or no number that is theirs. */
export function numberToTell(user: User): string | null {
  const isTold = user.email !== null && user.email_verified === 1;
  return isTold || !isMobileProved(user) ? null : user.mobile;
}

export function impersonationSms({
  sender,
  say,
}: {
  readonly sender: SmsSender;
  readonly say: (notice: SmsNotice, days: number) => string;
}): JobDefinition<typeof Payload> {
  return {
    ...impersonationSmsJob,
    ...noticeTries,
    handler: ({ mobile: to }, run) =>
      sendNotice(sender, { to, purpose, text: say(purpose, 0), days: 1 }, run),
  };
}
